-- The bytes of artifacts, in chunks. Content becomes visible when its first chunk gets its digest, which is the last thing written.

create table if not exists public.artifact_contents (
    content_id uuid not null,
    chunk integer not null,
    data bytea not null,
    digest text,
    length bigint,
    created_ts timestamptz not null default now(),
    primary key (content_id, chunk),
    constraint artifact_contents_digest_key unique (digest)
);

-- What an upload that never finished has left behind is found by the age of its first chunk.
create index if not exists agentops_artifact_contents_unfinished on public.artifact_contents (created_ts)
    where chunk = 0 and digest is null;

alter table public.artifact_contents enable row level security;

-- What a host asks to learn whether these migrations were run. Each migration replaces it.
create or replace function public.agentops_schema_version() returns text
    language sql immutable set search_path = ''
    as $$ select '20261124041700' $$;
revoke execute on function public.agentops_schema_version() from public;

do $$
begin
    if exists (select from pg_roles where rolname = 'service_role') then
        grant select, insert, update, delete on public.artifact_contents to service_role;
        grant execute on function public.agentops_schema_version() to service_role;
    end if;
end
$$;

notify pgrst, 'reload schema';
