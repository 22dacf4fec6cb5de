-- The three tables of AgentOps.Rca. Tables that were there before keep their data, their other columns and their row level security.
-- What fits is used as it is. What does not is changed where that loses nothing and leaves what others read and write alone; else this stops
-- with the columns by name, and nothing was altered. Running this twice is harmless.

-- What keeps the tables from being used, column by column. What has a remedy is mended below, and the rest is for their owner.
create or replace function public.agentops_table_problems() returns table (problem text, remedy text)
    language sql stable set search_path = pg_catalog
    as $$
    with wanted (table_name, column_name, type, required, addition) as (values
        ('incidents', 'id', 'uuid', true, null),
        ('incidents', 'order_id', 'text', true, 'text not null default '''''),
        ('incidents', 'eta_delta_hours', 'double precision', false, 'double precision'),
        ('incidents', 'problem_type', 'text', true, 'text not null default '''''),
        ('incidents', 'status', 'text', true, 'text not null default ''open'''),
        ('incidents', 'created_ts', 'timestamp with time zone', true, 'timestamptz not null default now()'),
        ('incidents', 'details', 'jsonb', true, 'jsonb not null default ''{}'''),
        ('spans', 'span_id', 'text', true, null),
        ('spans', 'parent_id', 'text', false, 'text'),
        ('spans', 'tool', 'text', true, null),
        ('spans', 'start_ts', 'bigint', true, null),
        ('spans', 'end_ts', 'bigint', true, null),
        ('spans', 'args_digest', 'text', false, 'text'),
        ('spans', 'result_digest', 'text', false, 'text'),
        ('spans', 'attributes', 'jsonb', true, 'jsonb not null default ''{}'''),
        ('spans', 'incident_id', 'text', false, 'text'),
        ('artifacts', 'digest', 'text', true, null),
        ('artifacts', 'mime', 'text', true, 'text'),
        ('artifacts', 'length', 'bigint', true, null),
        ('artifacts', 'pii_masked', 'boolean', true, 'boolean not null default false'),
        ('artifacts', 'created_ts', 'timestamp with time zone', true, 'timestamptz not null default now()')),
    tables as (
        select c.oid, c.relname, c.relkind from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relname in ('incidents', 'spans', 'artifacts')),
    columns as (
        select t.oid, t.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) as type, y.typtype, a.attnotnull,
            a.atthasdef or a.attidentity <> '' as given, a.attgenerated
        from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped join pg_type y on y.oid = a.atttypid
        where t.relkind in ('r', 'p')),
    judged as (
        select w.*, c.attname, c.type as actual, c.attnotnull,
            case
                when c.attname is null then w.addition is not null
                when c.attgenerated <> '' then false
                when w.type = c.type then null
                when w.type = 'text' then case
                    when c.type = 'character varying' then null
                    else c.type = 'uuid' or c.type like 'character%' or c.typtype = 'e' end
                when w.type = 'bigint' then c.type in ('integer', 'smallint')
                when w.type = 'double precision' then c.type in ('real', 'integer', 'smallint') or c.type like 'numeric%'
                when w.type = 'jsonb' then case
                    when c.type in ('json', 'text', 'character varying') then null
                    else c.type like 'character%' end
                when w.type = 'timestamp with time zone' then c.type like 'timestamp%'
                else false
            end as mendable
        from wanted w join tables t on t.relname = w.table_name and t.relkind in ('r', 'p')
        left join columns c on c.oid = t.oid and c.attname = w.column_name)
    select format('public.%s is no table', relname), null from tables where relkind not in ('r', 'p')
    union all
    select
        case when attname is null then format('public.%s.%s (%s) is missing', table_name, column_name, type)
            when actual = type then format('public.%s.%s is generated', table_name, column_name)
            else format('public.%s.%s is %s and has to be %s', table_name, column_name, actual, type) end,
        case when not mendable then null
            when attname is null then format('alter table public.%I add column %I %s', table_name, column_name, addition)
            -- Times without a zone were written as UTC.
            when type = 'timestamp with time zone' and actual like '%without time zone' then
                format('alter table public.%I alter column %I type timestamptz using %2$I at time zone ''UTC''', table_name, column_name)
            else format('alter table public.%I alter column %I type %s using %2$I::%3$s', table_name, column_name,
                case when type = 'jsonb' then 'text' else type end) end
    from judged where mendable is not null
    union all
    select format('public.%s.%s takes no null', table_name, column_name), format('alter table public.%I alter column %I drop not null', table_name, column_name)
    from judged where not required and attnotnull and mendable is distinct from false
    union all
    -- Spans arrive before what they name.
    select format('the constraint %s of public.spans takes no span before what it names', o.conname),
        format('alter table public.spans drop constraint %I', o.conname)
    from pg_constraint o join tables t on t.oid = o.conrelid and t.relname = 'spans'
    where o.contype = 'f' and o.conkey <@ array(
        select attnum from columns where relname = 'spans' and attname in ('incident_id', 'parent_id', 'args_digest', 'result_digest'))
    union all
    select format('public.%s.%s is no key', c.relname, c.attname),
        format('create unique index %I on public.%I (%I)', 'agentops_' || c.relname || '_key', c.relname, c.attname)
    from columns c
    where (c.relname, c.attname) in (('incidents', 'id'), ('spans', 'span_id'), ('artifacts', 'digest')) and not exists (
        select from pg_index i where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null
            and i.indexprs is null and i.indnkeyatts = 1 and i.indkey[0] = c.attnum)
    union all
    -- Columns of others that nobody but them fills.
    select format('public.%s.%s has to be given and is not ours', c.relname, c.attname),
        case when (c.relname, c.attname) in (('incidents', 'incident_type'), ('artifacts', 'mime_type')) and (c.type = 'text' or c.type like 'character varying%')
            then format('create trigger agentops_fill before insert on public.%I for each row execute function public.agentops_fill_%s()', c.relname, c.attname) end
    from columns c
    where c.attnotnull and not c.given and c.attgenerated = ''
        and not exists (select from wanted w where w.table_name = c.relname and w.column_name = c.attname)
        and not (c.attname in ('incident_type', 'mime_type')
            and exists (select from pg_trigger g where g.tgrelid = c.oid and g.tgname = 'agentops_fill'))
    $$;
revoke execute on function public.agentops_table_problems() from public;

-- Who besides the owner can read a table, and the statement that ends it. Nothing here closes a table that was there before.
create or replace function public.agentops_open_tables() returns table (warning text)
    language sql stable set search_path = pg_catalog
    as $$
    with tables as (
        select c.oid, c.relname, c.relowner, c.relrowsecurity from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relname in ('incidents', 'spans', 'artifacts', 'artifact_contents') and c.relkind in ('r', 'p')),
    readers as (
        select t.oid, r.oid as role, r.rolname from tables t join pg_roles r
            on not r.rolsuper and not r.rolbypassrls and r.oid <> t.relowner and r.rolname not like 'pg\_%'
                and has_table_privilege(r.oid, t.oid, 'select') and not pg_has_role(r.oid, t.relowner, 'member'))
    select format('%s can read public.%s, since row level security is off. To close it: alter table public.%2$I enable row level security;',
        string_agg(r.rolname, ', ' order by r.rolname), t.relname)
    from tables t join readers r on r.oid = t.oid where not t.relrowsecurity group by t.relname
    union all
    select format('%s can read public.%s, since the policy %s lets them. To close it: drop policy %3$I on public.%2$I;',
        string_agg(r.rolname, ', ' order by r.rolname), t.relname, p.polname)
    from tables t join readers r on r.oid = t.oid
        join pg_policy p on p.polrelid = t.oid and p.polpermissive and p.polcmd in ('r', '*')
            and (p.polroles = '{0}' or exists (select from unnest(p.polroles) as member where pg_has_role(r.role, member, 'member')))
    where t.relrowsecurity group by t.relname, p.polname
    $$;
revoke execute on function public.agentops_open_tables() from public;

-- Tables of another program's making call two of these by other names, and want them filled.
create or replace function public.agentops_fill_incident_type() returns trigger
    language plpgsql set search_path = ''
    as $$ begin new.incident_type := coalesce(new.incident_type, new.problem_type); return new; end $$;
create or replace function public.agentops_fill_mime_type() returns trigger
    language plpgsql set search_path = ''
    as $$
begin
    new.mime := coalesce(new.mime, new.mime_type);
    new.mime_type := coalesce(new.mime_type, new.mime);
    return new;
end
$$;

-- All of it is judged before any of it is altered.
do $$
declare
    found record;
    problems text;
begin
    select string_agg(problem, '; ' order by problem) into problems from public.agentops_table_problems() where remedy is null;
    if problems is not null then
        raise exception 'The tables that were there before cannot be used: %.', problems using errcode = 'AO001',
            hint = 'Nothing was altered. Change these columns, or take a database of its own.';
    end if;
    -- A column whose type changes must be named by no constraint any more.
    for found in select * from public.agentops_table_problems() order by remedy not like '% drop constraint %' loop
        raise notice 'agentops: %: %', found.problem, found.remedy;
        begin
            execute found.remedy;
        exception
            when lock_not_available or deadlock_detected or insufficient_privilege then
                raise;
            when others then
                raise exception 'The tables that were there before cannot be used: %, and "%" fails: %.', found.problem, found.remedy, sqlerrm
                    using errcode = 'AO001', hint = 'Nothing was altered. Change these columns, or take a database of its own.';
        end;
    end loop;
end
$$;

-- Tables that are made here are closed: only the service role and the owner get in. There is no policy for anon or authenticated on purpose.
do $$
begin
    if to_regclass('public.incidents') is null then
        create table public.incidents (
            id uuid primary key,
            order_id text not null,
            eta_delta_hours double precision,
            problem_type text not null,
            status text not null default 'open',
            created_ts timestamptz not null default now(),
            details jsonb not null default '{}'
        );
        alter table public.incidents enable row level security;
    end if;

    if to_regclass('public.spans') is null then
        create table public.spans (
            span_id text primary key,
            parent_id text,
            tool text not null,
            start_ts bigint not null,
            end_ts bigint not null,
            args_digest text,
            result_digest text,
            attributes jsonb not null default '{}',
            incident_id text
        );
        alter table public.spans enable row level security;
    end if;

    if to_regclass('public.artifacts') is null then
        create table public.artifacts (
            digest text primary key,
            mime text not null,
            length bigint not null,
            pii_masked boolean not null default false,
            created_ts timestamptz not null default now()
        );
        alter table public.artifacts enable row level security;
    end if;

    -- What the trigger does for new rows.
    if exists (select from pg_attribute where attrelid = 'public.artifacts'::regclass and attname = 'mime_type' and not attisdropped) then
        update public.artifacts set mime = mime_type where mime is null;
    end if;
end
$$;

-- Tables that were there before may have looser columns. Listings need an order: a row without a time would be found on no page.
update public.incidents set created_ts = now() where created_ts is null;
update public.artifacts set created_ts = now() where created_ts is null;
update public.spans set start_ts = coalesce(start_ts, end_ts, 0), end_ts = coalesce(end_ts, start_ts, 0)
where start_ts is null or end_ts is null;

alter table public.incidents alter column created_ts set default now(), alter column created_ts set not null;
alter table public.artifacts alter column created_ts set default now(), alter column created_ts set not null;
alter table public.spans alter column start_ts set not null, alter column end_ts set not null;

-- Spans are listed in the order of their ids' bytes. The Data API cannot name a collation, so the column has to.
do $$
begin
    if (select attcollation <> '"C"'::regcollation from pg_attribute
        where attrelid = 'public.spans'::regclass and attname = 'span_id') then
        alter table public.spans alter column span_id type text collate "C";
    end if;
exception when feature_not_supported then
    raise exception 'A view or rule uses public.spans.span_id, so its collation cannot be changed to "C".'
        using errcode = 'AO001', hint = 'Drop the view, run this migration, and create the view again.';
end
$$;

-- Constraints and triggers of others may refuse what no column forbids: what is written later is tried once, and taken back.
do $$
declare
    test_id constant uuid := gen_random_uuid();
begin
    insert into public.incidents (id, order_id, eta_delta_hours, problem_type, status, created_ts, details)
        values (test_id, 'agentops-test', null, 'agentops_test', 'open', now(), '{}'), (gen_random_uuid(), 'agentops-test', -0.5, 'agentops_test', 'open', now(), '{}');
    update public.incidents set status = 'rejected' where id = test_id;
    update public.incidents set status = 'approved' where id = test_id;
    insert into public.artifacts (digest, mime, length, pii_masked, created_ts)
        values (replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'text/plain', 5000000000, false, now());
    insert into public.spans (span_id, parent_id, tool, start_ts, end_ts, args_digest, result_digest, attributes, incident_id)
        values (gen_random_uuid()::text, null, 'agentops.test', 1800000000000000000, 1800000000000000000, null, null, '{}', null),
            (gen_random_uuid()::text, gen_random_uuid()::text, 'agentops.test', 0, 0, repeat('0', 64), repeat('0', 64), '{}', repeat('i', 200));
    raise exception using errcode = 'AO000';
exception
    when sqlstate 'AO000' then
        null;
    when lock_not_available or deadlock_detected or insufficient_privilege then
        raise;
    when others then
        raise exception 'The tables that were there before refuse rows: %.', sqlerrm
            using errcode = 'AO001', hint = 'Nothing was altered. Loosen what refuses them, or take a database of its own.';
end
$$;

do $$
begin
    if exists (select from pg_roles where rolname = 'service_role') then
        grant usage on schema public to service_role;
        grant select, insert, update, delete on public.incidents, public.spans, public.artifacts to service_role;
        grant execute on function public.agentops_table_problems(), public.agentops_open_tables() to service_role;
    end if;
end
$$;

notify pgrst, 'reload schema';
