-- When an artifact came: the id of the transaction that added it. Who waits for a million artifacts asks for those that came since it looked last,
-- and need not look for each again. Rows that were there before came with this migration, and no row is written anew for that.
-- Running this twice is harmless.

alter table public.artifacts add column if not exists arrival bigint not null default (pg_catalog.pg_current_xact_id()::text::bigint);
create index if not exists agentops_artifacts_arrival on public.artifacts (arrival, digest);

-- The mark to ask from the next time: transactions before it are over, and what they added is seen by whoever takes it.
create or replace function public.agentops_arrival_mark() returns bigint
    language sql stable set search_path = ''
    as $$ select pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text::bigint $$;
revoke execute on function public.agentops_arrival_mark() from public;

-- A page of the artifacts that came since a mark, behind a place in their order: the digests, and the arrival of the last. One value, since the Data API
-- cuts rows at a number.
create or replace function public.agentops_arrivals(since bigint, after_digest text, most integer) returns jsonb
    language sql stable set search_path = ''
    as $$
    select pg_catalog.jsonb_build_object(
        'digests', coalesce(pg_catalog.jsonb_agg(page.digest order by page.arrival, page.digest), '[]'), 'last', pg_catalog.max(page.arrival))
    from (
        select a.arrival, a.digest from public.artifacts as a
        where (a.arrival, a.digest) > (since, after_digest) order by a.arrival, a.digest limit most) as page
    $$;
revoke execute on function public.agentops_arrivals(bigint, text, integer) from public;

-- Which of these artifacts are there; one value for the same reason.
create or replace function public.agentops_present_artifacts(digests text[]) returns jsonb
    language sql stable set search_path = ''
    as $$
    select coalesce(pg_catalog.jsonb_agg(a.digest), '[]') from public.artifacts as a where a.digest = any (digests)
    $$;
revoke execute on function public.agentops_present_artifacts(text[]) from public;

-- What a project's default privileges give to the roles of browsers.
do $$
declare
    browser name;
begin
    foreach browser in array array['anon', 'authenticated'] loop
        if exists (select from pg_catalog.pg_roles where rolname = browser) then
            execute format(
                'revoke all on function public.agentops_arrival_mark(), public.agentops_arrivals(bigint, text, integer), public.agentops_present_artifacts(text[]) from %I',
                browser);
        end if;
    end loop;
end
$$;

-- What a host asks to learn whether these migrations were run. Each migration replaces it.
create or replace function public.agentops_schema_version() returns text
    language sql immutable set search_path = ''
    as $$ select '20261129071500' $$;
revoke execute on function public.agentops_schema_version() from public;

do $$
begin
    if exists (select from pg_roles where rolname = 'service_role') then
        grant execute on function public.agentops_arrival_mark(), public.agentops_arrivals(bigint, text, integer),
            public.agentops_present_artifacts(text[]), public.agentops_schema_version() to service_role;
    end if;
end
$$;

notify pgrst, 'reload schema';
