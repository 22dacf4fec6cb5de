-- Takes from the roles of browsers what a project's default privileges have given them on tables and functions of these migrations. Row level security lets
-- them see no row, but it stops no truncate and no call. A table without it, or with a policy, is used by somebody in another way and keeps its grants.
-- Running this twice is harmless. A later migration that makes a table or a function does the same for it.
do $$
declare
    browser name;
    found record;
begin
    foreach browser in array array['anon', 'authenticated'] loop
        if not exists (select from pg_catalog.pg_roles where rolname = browser) then
            continue;
        end if;
        for found in
            select c.oid::regclass as name from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relrowsecurity
                and c.relname in ('incidents', 'spans', 'artifacts', 'artifact_contents', 'agentops_span_counts')
                and not exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid)
                and pg_catalog.pg_has_role(c.relowner, 'usage')
        loop
            execute format('revoke all on table %s from %I', found.name, browser);
        end loop;
        for found in
            select p.oid::regprocedure as name from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
            where n.nspname = 'public' and p.proname like 'agentops\_%' and pg_catalog.pg_has_role(p.proowner, 'usage')
        loop
            execute format('revoke all on function %s from public, %I', found.name, browser);
        end loop;
    end loop;
end
$$;

-- What a host asks to learn whether these migrations were run. Each migration replaces it.
create or replace function public.agentops_schema_version() returns text
    language sql immutable set search_path = ''
    as $$ select '20261129021500' $$;
revoke execute on function public.agentops_schema_version() from public;

do $$
begin
    if exists (select from pg_roles where rolname = 'service_role') then
        grant execute on function public.agentops_schema_version() to service_role;
    end if;
end
$$;

notify pgrst, 'reload schema';
