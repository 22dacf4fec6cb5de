-- An index for every query the stores make.

create index if not exists agentops_incidents_newest on public.incidents (created_ts, id);
create index if not exists agentops_incidents_status on public.incidents (status, created_ts, id);
create index if not exists agentops_incidents_problem_type on public.incidents (problem_type, created_ts, id);
create index if not exists agentops_incidents_order_id on public.incidents (order_id, created_ts, id);

-- The tool stands last so that filtering by it needs no visit to the table.
create index if not exists agentops_spans_incident on public.spans (incident_id, start_ts, span_id collate "C", tool);
create index if not exists agentops_spans_baseline on public.spans (start_ts, span_id collate "C", tool) where incident_id is null;
create index if not exists agentops_spans_start on public.spans (start_ts, span_id collate "C");
create index if not exists agentops_spans_tool on public.spans (tool, start_ts, span_id collate "C");
-- What was made of the evidence is little, and is asked for by every look at an incident.
create index if not exists agentops_spans_findings on public.spans (incident_id, start_ts, span_id collate "C")
    where tool like 'rca.%' or tool like 'human.%' or tool = 'llm.call/rca';

-- A search for part of a text needs trigrams. Where the extension is not to be had, the search reads the newest-first index instead.
do $$
declare
    home text;
begin
    if exists (select from pg_namespace where nspname = 'extensions') then
        create extension if not exists pg_trgm schema extensions;
    else
        create extension if not exists pg_trgm;
    end if;
    select nspname into home from pg_extension join pg_namespace on pg_namespace.oid = extnamespace where extname = 'pg_trgm';
    execute format(
        'create index if not exists agentops_incidents_text on public.incidents using gin (order_id %1$I.gin_trgm_ops, problem_type %1$I.gin_trgm_ops)',
        home);
exception when insufficient_privilege or undefined_file or feature_not_supported then
    raise notice 'pg_trgm is not available; searching incidents by text reads the newest-first index.';
end
$$;

notify pgrst, 'reload schema';
