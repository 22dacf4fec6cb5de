-- How many spans an incident has, kept as they come: every look at an incident asks for it, and counting a million rows takes too long for
-- that. A statement adds its counts to one of 16 rows, so that hosts that write to one incident at once seldom wait for one another.
-- Running this twice is harmless: it counts anew.

create table if not exists public.agentops_span_counts (
    incident_id text collate "C" not null,
    slot smallint not null,
    spans bigint not null,
    primary key (incident_id, slot)
);
alter table public.agentops_span_counts enable row level security;
do $$
begin
    if exists (select from pg_roles where rolname = 'anon') then
        revoke all on public.agentops_span_counts from anon;
    end if;
    if exists (select from pg_roles where rolname = 'authenticated') then
        revoke all on public.agentops_span_counts from authenticated;
    end if;
end
$$;

-- Whoever may write spans counts them, whatever else it may do. The rows are taken in the order of their keys, so two statements never wait
-- for each other for ever.
create or replace function public.agentops_keep_span_counts() returns trigger
    language plpgsql security definer set search_path = ''
    as $$
declare
    own_slot constant smallint := pg_catalog.pg_backend_pid() % 16;
begin
    if tg_op = 'INSERT' then
        insert into public.agentops_span_counts as kept (incident_id, slot, spans)
            select incident_id, own_slot, count(*) from added where incident_id is not null group by incident_id order by incident_id collate "C"
            on conflict (incident_id, slot) do update set spans = kept.spans + excluded.spans;
    elsif tg_op = 'UPDATE' then
        insert into public.agentops_span_counts as kept (incident_id, slot, spans)
            select incident_id, own_slot, sum(change) from (
                select incident_id, 1 as change from added union all select incident_id, -1 from removed) as changes
            where incident_id is not null group by incident_id having sum(change) <> 0 order by incident_id collate "C"
            on conflict (incident_id, slot) do update set spans = kept.spans + excluded.spans;
    elsif tg_op = 'DELETE' then
        insert into public.agentops_span_counts as kept (incident_id, slot, spans)
            select incident_id, own_slot, -count(*) from removed where incident_id is not null group by incident_id order by incident_id collate "C"
            on conflict (incident_id, slot) do update set spans = kept.spans + excluded.spans;
    else
        delete from public.agentops_span_counts;
    end if;
    return null;
end
$$;
revoke execute on function public.agentops_keep_span_counts() from public;

-- Nothing is written while the rows that are there are counted.
do $$
begin
    lock table public.spans in share row exclusive mode;
    drop trigger if exists agentops_spans_added on public.spans;
    create trigger agentops_spans_added after insert on public.spans
        referencing new table as added for each statement execute function public.agentops_keep_span_counts();
    drop trigger if exists agentops_spans_changed on public.spans;
    create trigger agentops_spans_changed after update on public.spans
        referencing old table as removed new table as added for each statement execute function public.agentops_keep_span_counts();
    drop trigger if exists agentops_spans_removed on public.spans;
    create trigger agentops_spans_removed after delete on public.spans
        referencing old table as removed for each statement execute function public.agentops_keep_span_counts();
    drop trigger if exists agentops_spans_emptied on public.spans;
    create trigger agentops_spans_emptied after truncate on public.spans
        for each statement execute function public.agentops_keep_span_counts();
    delete from public.agentops_span_counts;
    insert into public.agentops_span_counts (incident_id, slot, spans)
        select incident_id, 0, count(*) from public.spans where incident_id is not null group by incident_id;
end
$$;

-- Who does not see every row, or where a trigger is switched off, the rows themselves are counted.
create or replace function public.agentops_span_count(incident text) returns bigint
    language plpgsql stable set search_path = ''
    as $$
begin
    if row_security_active('public.spans') or 4 <> (
        select count(*) from pg_catalog.pg_trigger
        where tgrelid = 'public.spans'::regclass and tgfoid = 'public.agentops_keep_span_counts'::regproc and tgenabled in ('O', 'A')) then
        return (select count(*) from public.spans where incident_id = incident);
    end if;
    return (select coalesce(sum(spans), 0) from public.agentops_span_counts where incident_id = incident);
end
$$;
revoke execute on function public.agentops_span_count(text) from public;

-- What a host asks to learn whether these migrations were run. Each migration replaces it.
create or replace function public.agentops_schema_version() returns text
    language sql immutable set search_path = ''
    as $$ select '20261128181500' $$;
revoke execute on function public.agentops_schema_version() from public;

do $$
begin
    if exists (select from pg_roles where rolname = 'service_role') then
        grant select on public.agentops_span_counts to service_role;
        grant execute on function public.agentops_span_count(text), public.agentops_schema_version() to service_role;
    end if;
end
$$;

notify pgrst, 'reload schema';
