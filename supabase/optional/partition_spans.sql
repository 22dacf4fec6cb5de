-- Makes public.spans a table in partitions, by a hash of the span's id, for databases whose one table has grown too large for its indexes and its vacuum (docs/scale.md
-- has what was measured; below a million spans it only costs). Optional: every store and every migration works with it and without. It runs as one transaction that holds the table, so hosts wait; it
-- needs room for the spans a second time. Running it twice is harmless.
--
--   psql "$SUPABASE_DB_URL" -v ON_ERROR_STOP=1 -f supabase/optional/partition_spans.sql
--
-- Before it, `set agentops.partitions = '32'` takes another number than 16, and `set agentops.schema = 'tenant'` another schema than public.
do $$
declare
    parts constant integer := coalesce(nullif(current_setting('agentops.partitions', true), ''), '16');
    home constant name := coalesce(nullif(current_setting('agentops.schema', true), ''), 'public');
    -- Partitions have a schema of their own, which no API shows: rights and row level security of a partition are not those of its table.
    rooms constant name := home || '_partitions';
    old regclass := to_regclass(format('%I.spans', home));
    new regclass;
    made text[];
    functions oid[];
    owner name;
    moved bigint;
    statement text;
begin
    if parts not between 2 and 1024 then
        raise exception 'agentops.partitions is %, and a number from 2 to 1024 is needed.', parts;
    elsif old is null then
        raise exception 'There is no table %.spans; run the migrations first.', home;
    elsif (select relkind = 'p' from pg_catalog.pg_class where oid = old) then
        raise notice '%.spans has its partitions already.', home;
        return;
    end if;
    set local lock_timeout = '60s';
    set local statement_timeout = 0;
    -- So that all that is printed names its schema.
    set local search_path = '';
    select array_agg(p.oid) into functions from pg_catalog.pg_proc p join pg_catalog.pg_type t on t.typrelid = old
        where array[t.oid, t.typarray] && (array[p.prorettype] || p.proargtypes::oid[] || coalesce(p.proallargtypes, '{}'));
    execute format('lock table %s in access exclusive mode', old);

    -- What would be lost silently.
    select string_agg(what, ', ') into statement from (
        select 'the foreign key ' || conname as what from pg_catalog.pg_constraint where contype = 'f' and old in (conrelid, confrelid)
        union all
        select distinct 'the view ' || r.ev_class::regclass::text from pg_catalog.pg_depend d join pg_catalog.pg_rewrite r on r.oid = d.objid
            where d.classid = 'pg_catalog.pg_rewrite'::regclass and d.refobjid = old and r.ev_class <> old
        union all
        select 'the publication ' || p.pubname from pg_catalog.pg_publication_rel l join pg_catalog.pg_publication p on p.oid = l.prpubid where l.prrelid = old
        union all
        select 'the parent ' || inhparent::regclass::text from pg_catalog.pg_inherits where inhrelid = old
        union all
        select 'the unique index ' || i.indexrelid::regclass::text from pg_catalog.pg_index i
            where i.indrelid = old and i.indisunique and not exists (
                select from pg_catalog.pg_attribute a where a.attrelid = old and a.attname = 'span_id' and a.attnum = any (i.indkey))) as kept;
    if statement is not null then
        raise exception 'These hold on to %.spans as it is: %.', home, statement using hint = 'Drop them, run this, and create them again.';
    end if;

    -- What the new table takes over, @spans@ standing for it; names are free again once the old one is gone.
    select array_agg(definition order by step, definition) into made from (
        select 1 as step, coalesce(
            'alter table @spans@ add constraint ' || quote_ident(c.conname) || ' ' || pg_get_constraintdef(c.oid),
            regexp_replace(pg_get_indexdef(i.indexrelid), ' ON (ONLY )?\S+ USING ', ' ON @spans@ USING ')) as definition
            from pg_catalog.pg_index i left join pg_catalog.pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u') where i.indrelid = old
        union all
        select 2, replace(pg_get_triggerdef(oid), ' ON ' || old::text || ' ', ' ON @spans@ ') from pg_catalog.pg_trigger where tgrelid = old and not tgisinternal
        union all
        select 3, format('alter table @spans@ %s trigger %I',
            case tgenabled when 'D' then 'disable' when 'R' then 'enable replica' else 'enable always' end, tgname)
            from pg_catalog.pg_trigger where tgrelid = old and not tgisinternal and tgenabled <> 'O'
        union all
        select 4, format('create policy %I on @spans@ as %s for %s to %s%s%s', policyname, permissive, cmd,
            (select string_agg(case role when 'public' then 'public' else quote_ident(role) end, ', ') from unnest(roles) as role),
            ' using (' || qual || ')', ' with check (' || with_check || ')')
            from pg_catalog.pg_policies where schemaname = home and tablename = 'spans'
        union all
        select 5, format('alter table @spans@ %s row level security', setting) from pg_catalog.pg_class, lateral (
            values (case when relrowsecurity then 'enable' end), (case when relforcerowsecurity then 'force' end)) as switches (setting)
            where oid = old and setting is not null
        union all
        select 6, format('grant %s on @spans@ to %s%s', privilege_type, case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end,
            case when is_grantable then ' with grant option' end)
            from pg_catalog.pg_class, lateral aclexplode(relacl) where oid = old and grantee <> relowner
        union all
        select 7, format('alter table @spans@ owner to %I', pg_get_userbyid(relowner)) from pg_catalog.pg_class where oid = old
        union all
        -- Functions that give or take its rows.
        select 8, pg_get_functiondef(oid) from pg_catalog.pg_proc where oid = any (functions)
        union all
        select 9, format('revoke all on function %s from public', oid::regprocedure) from pg_catalog.pg_proc where oid = any (functions) and proacl is not null
        union all
        select 10, format('grant execute on function %s to %s%s', oid::regprocedure,
            case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end, case when is_grantable then ' with grant option' end)
            from pg_catalog.pg_proc, lateral aclexplode(proacl) where oid = any (functions) and grantee <> proowner
        union all
        select 11, format('alter function %s owner to %I', oid::regprocedure, pg_get_userbyid(proowner))
            from pg_catalog.pg_proc where oid = any (functions)) as taken (step, definition);
    select pg_get_userbyid(relowner) into owner from pg_catalog.pg_class where oid = old;
    for statement in select format('drop function %s', oid::regprocedure) from pg_catalog.pg_proc where oid = any (functions) loop
        execute statement;
    end loop;

    execute format('create schema if not exists %I', rooms);
    execute format('alter table %s rename to agentops_spans_before', old);
    execute format('create table %1$I.spans (like %1$I.agentops_spans_before including defaults including constraints including generated including identity
        including storage including compression including comments) partition by hash (span_id)', home);
    new := to_regclass(format('%I.spans', home));
    execute format('revoke all on %s from public', new);
    -- What a project's default privileges give to the roles of browsers.
    for statement in select format('revoke all on %s from %I', new, grantee) from (
        select distinct pg_get_userbyid(grantee) as grantee from pg_catalog.pg_class, lateral aclexplode(relacl)
            where oid = new and grantee not in (0, relowner)) as given loop
        execute statement;
    end loop;
    for part in 0 .. parts - 1 loop
        execute format('create table %I.spans_%s partition of %s for values with (modulus %s, remainder %s)', rooms, lpad(part::text, 4, '0'), new, parts, part);
    end loop;
    execute format('insert into %s select * from %I.agentops_spans_before', new, home);
    get diagnostics moved = row_count;
    execute format('drop table %I.agentops_spans_before', home);
    foreach statement in array made loop
        execute replace(statement, '@spans@', new::text);
    end loop;
    for statement in select format('alter table %s owner to %I', c.oid::regclass, owner) from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = rooms and c.relkind = 'r' loop
        execute statement;
    end loop;
    execute format('alter schema %I owner to %I', rooms, owner);
    execute format('analyze %s', new);
    raise notice '%.spans has % partitions, and its % spans are in them.', home, parts, moved;
end
$$;

notify pgrst, 'reload schema';
