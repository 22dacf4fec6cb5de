-- The three tables of AgentOps.Rca. Additive: tables of this shape that already hold data keep it.
-- Running this twice is harmless.

create table if not exists public.incidents (
    id uuid primary key,
    order_id text not null,
    eta_delta_hours double precision,
    problem_type text not null,
    status text not null default 'open',
    created_ts timestamptz not null default now(),
    details jsonb not null default '{}'
);

create table if not exists public.spans (
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

create table if not exists public.artifacts (
    digest text primary key,
    mime text not null,
    length bigint not null,
    pii_masked boolean not null default false,
    created_ts timestamptz not null default now()
);

-- Tables that were there before may have looser columns. Times without a zone were written as UTC, and listings need an order:
-- a row without a time would be found on no page.
do $$
declare
    place record;
begin
    for place in
        select table_name from information_schema.columns
        where table_schema = 'public' and table_name in ('incidents', 'artifacts')
            and column_name = 'created_ts' and data_type = 'timestamp without time zone'
    loop
        execute format('alter table public.%I alter column created_ts type timestamptz using created_ts at time zone ''UTC''', place.table_name);
    end loop;
end
$$;

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
        using hint = 'Drop the view, run this migration, and create the view again.';
end
$$;

-- Only the service role and the owner get in. There is no policy for anon or authenticated on purpose.
alter table public.incidents enable row level security;
alter table public.spans enable row level security;
alter table public.artifacts enable row level security;

do $$
begin
    if exists (select from pg_roles where rolname = 'service_role') then
        grant usage on schema public to service_role;
        grant select, insert, update, delete on public.incidents, public.spans, public.artifacts to service_role;
    end if;
end
$$;

notify pgrst, 'reload schema';
