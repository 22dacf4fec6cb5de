-- What the Data API asks by many keys at once. A filter in a URL holds few keys, and PostgREST repeats it in a header of its reply, for which
-- gateways have little room; these take the keys in the body of the request. Row level security applies: they run as their caller.
-- Running this twice is harmless.

create or replace function public.agentops_artifacts(digests text[]) returns setof public.artifacts
    language sql stable set search_path = ''
    as $$ select * from public.artifacts where digest = any (digests) $$;
revoke execute on function public.agentops_artifacts(text[]) from public;

create or replace function public.agentops_spans(span_ids text[]) returns setof public.spans
    language sql stable set search_path = ''
    as $$ select * from public.spans where span_id = any (span_ids) $$;
revoke execute on function public.agentops_spans(text[]) from public;

-- What a host asks to learn whether these migrations were run. Each migration replaces it.
create or replace function public.agentops_schema_version() returns text
    language sql immutable set search_path = ''
    as $$ select '20261125104500' $$;
revoke execute on function public.agentops_schema_version() from public;

do $$
begin
    if exists (select from pg_roles where rolname = 'service_role') then
        grant execute on function public.agentops_artifacts(text[]), public.agentops_spans(text[]), public.agentops_schema_version()
            to service_role;
    end if;
end
$$;

notify pgrst, 'reload schema';
