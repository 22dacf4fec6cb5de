-- Content without a row in artifacts is left when a host dies between the two. These functions find it, keep it and delete it.
--
-- Whoever writes a row calls agentops_keep_content after it; agentops_collect_content deletes content that has no row. Both hold the lock
-- of the digest until they commit. If the keeper comes first, the collector sees its row; if the collector comes first, the keeper sees
-- that the content is gone. Both need that each statement sees what was committed before it, which is how PostgreSQL works by default.
-- Running this twice is harmless.

create index if not exists agentops_artifact_contents_age on public.artifact_contents (created_ts, digest) where digest is not null;

create or replace function public.agentops_old_contents(
    min_age_seconds double precision, after_ts timestamptz, after_digest text, most integer)
    returns table (digest text, created_ts timestamptz)
    language sql stable set search_path = ''
    as $$
    select c.digest, c.created_ts from public.artifact_contents as c
    where c.digest is not null and c.created_ts <= now() - make_interval(secs => min_age_seconds)
        and (c.created_ts, c.digest) > (after_ts, after_digest)
    order by c.created_ts, c.digest limit most
    $$;
revoke execute on function public.agentops_old_contents(double precision, timestamptz, text, integer) from public;

create or replace function public.agentops_keep_content(content_digest text) returns boolean
    language plpgsql volatile set search_path = ''
    as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        -- This sees the table as it was when the transaction began, but the lock of a row fails where it was deleted since.
        perform from public.artifact_contents as c where c.digest = content_digest for key share;
        return found;
    end if;
    perform pg_advisory_xact_lock_shared(hashtextextended('agentops content ' || content_digest, 0));
    -- Found again before its row is written: young again.
    update public.artifact_contents as c set created_ts = now()
        where c.digest = content_digest and c.created_ts < now() - interval '30 minutes'
            and not exists (select from public.artifacts as a where a.digest = content_digest);
    return exists (select from public.artifact_contents as c where c.digest = content_digest);
end
$$;
revoke execute on function public.agentops_keep_content(text) from public;

create or replace function public.agentops_collect_content(content_digest text, min_age_seconds double precision) returns boolean
    language plpgsql volatile set search_path = ''
    as $$
declare
    orphan uuid;
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'Content is collected only in transactions that are read committed.';
    end if;
    if row_security_active('public.artifacts') then
        raise exception 'Content is collected only by a role that sees all rows of artifacts.' using errcode = '42501';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('agentops content ' || content_digest, 0));
    -- For those who keep content without the lock of its digest.
    perform from public.artifact_contents as c where c.digest = content_digest for update;
    if exists (select from public.artifacts as a where a.digest = content_digest) then
        return false;
    end if;
    delete from public.artifact_contents as c
        where c.digest = content_digest and c.created_ts <= now() - make_interval(secs => min_age_seconds)
        returning c.content_id into orphan;
    delete from public.artifact_contents as c where c.content_id = orphan;
    return orphan is not null;
end
$$;
revoke execute on function public.agentops_collect_content(text, double precision) from public;

-- What a host asks to learn whether these migrations were run. Each migration replaces it.
create or replace function public.agentops_schema_version() returns text
    language sql immutable set search_path = ''
    as $$ select '20261125141800' $$;
revoke execute on function public.agentops_schema_version() from public;

do $$
begin
    if exists (select from pg_roles where rolname = 'service_role') then
        grant execute on function public.agentops_old_contents(double precision, timestamptz, text, integer),
            public.agentops_keep_content(text), public.agentops_collect_content(text, double precision), public.agentops_schema_version()
            to service_role;
    end if;
end
$$;

notify pgrst, 'reload schema';
