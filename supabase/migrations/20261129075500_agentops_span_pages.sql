-- A page of the spans of an incident, always by the index that has them in order. What the server knows of an incident that has just come is what it knows
-- of the others: it expects few spans, and would sort a million of them anew for every page. Row level security applies: it runs as its caller.
-- The range of one incident, instead of an equal sign, leaves no other index that has this order.
-- Running this twice is harmless.

-- The column of attributes has the type that it has.
do $$
declare
    attributes_type text;
begin
    select format_type(atttypid, atttypmod) into strict attributes_type from pg_catalog.pg_attribute
        where attrelid = 'public.spans'::regclass and attname = 'attributes' and not attisdropped;
    execute format($function$
        create or replace function public.agentops_span_page(
            incident text, after_ts bigint, after_id text, most integer, evidence_only boolean, bare boolean)
        returns table (span_id text, parent_id text, tool text, start_ts bigint, end_ts bigint, args_digest text, result_digest text,
            attributes %s, incident_id text)
        language sql stable set search_path = '' set enable_bitmapscan = off set enable_sort = off
        as $body$
            select s.span_id, s.parent_id, s.tool, s.start_ts, s.end_ts, s.args_digest, s.result_digest,
                case when bare then null else s.attributes end, s.incident_id
            from public.spans as s
            where (s.incident_id, s.start_ts, s.span_id collate "C") > (incident, after_ts, after_id collate "C") and s.incident_id <= incident
                and (not evidence_only or not (s.tool like 'rca.%%' or s.tool like 'human.%%' or s.tool = 'llm.call/rca'))
            order by s.incident_id, s.start_ts, s.span_id collate "C" limit most
        $body$
        $function$, attributes_type);
end
$$;
revoke execute on function public.agentops_span_page(text, bigint, text, integer, boolean, boolean) from public;

-- What a project's default privileges give to the roles of browsers.
do $$
declare
    browser name;
begin
    foreach browser in array array['anon', 'authenticated'] loop
        if exists (select from pg_catalog.pg_roles where rolname = browser) then
            execute format('revoke all on function public.agentops_span_page(text, bigint, text, integer, boolean, boolean) from %I', browser);
        end if;
    end loop;
end
$$;

-- What a host asks to learn whether these migrations were run. Each migration replaces it.
create or replace function public.agentops_schema_version() returns text
    language sql immutable set search_path = ''
    as $$ select '20261129075500' $$;
revoke execute on function public.agentops_schema_version() from public;

do $$
begin
    if exists (select from pg_roles where rolname = 'service_role') then
        grant execute on function public.agentops_span_page(text, bigint, text, integer, boolean, boolean), public.agentops_schema_version() to service_role;
    end if;
end
$$;

notify pgrst, 'reload schema';
