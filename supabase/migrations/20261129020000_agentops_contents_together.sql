-- Many contents at a time: what a batch of spans brings is written, looked at and kept in a statement each.
--
-- A server has few locks, so who keeps many contents takes one for all of them, agentops contents, which every collection takes too.
-- Running this twice is harmless.

-- Which of these contents are there as one chunk whose bytes are those of the digest. What a writer has found again and has no row is young
-- again, as with agentops_keep_content.
create or replace function public.agentops_intact_contents(content_digests text[]) returns setof text
    language plpgsql volatile set search_path = ''
    as $$
begin
    -- In the order of the digests, so that two of these never wait for each other for ever.
    perform from public.artifact_contents as c
        where c.digest = any (content_digests) and c.created_ts < now() - interval '30 minutes'
            and not exists (select from public.artifacts as a where a.digest = c.digest)
        order by c.digest for no key update;
    if found then
        update public.artifact_contents as c set created_ts = now()
            where c.digest = any (content_digests) and c.created_ts < now() - interval '30 minutes'
                and not exists (select from public.artifacts as a where a.digest = c.digest);
    end if;
    return query select c.digest from public.artifact_contents as c
        where c.digest = any (content_digests) and c.length = octet_length(c.data) and c.digest = encode(sha256(c.data), 'hex');
end
$$;
revoke execute on function public.agentops_intact_contents(text[]) from public;

-- Whether all of these contents, whose rows are written, are there to stay.
create or replace function public.agentops_keep_contents(content_digests text[]) returns boolean
    language plpgsql volatile set search_path = ''
    as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        -- This sees the table as it was when the transaction began, but the lock of a row fails where it was deleted since.
        perform from public.artifact_contents as c where c.digest = any (content_digests) order by c.digest for key share;
    else
        perform pg_advisory_xact_lock_shared(hashtextextended('agentops contents', 0));
    end if;
    -- What has no row is kept one by one, which makes it young.
    return not exists (
        select from unnest(content_digests) as wanted (digest)
        where not exists (select from public.artifact_contents as c where c.digest = wanted.digest)
            or not exists (select from public.artifacts as a where a.digest = wanted.digest));
end
$$;
revoke execute on function public.agentops_keep_contents(text[]) from public;

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
    perform pg_advisory_xact_lock(hashtextextended('agentops contents', 0));
    -- For those who keep content without the locks.
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
    as $$ select '20261129020000' $$;
revoke execute on function public.agentops_schema_version() from public;

do $$
begin
    if exists (select from pg_roles where rolname = 'service_role') then
        grant execute on function public.agentops_intact_contents(text[]), public.agentops_keep_contents(text[]),
            public.agentops_collect_content(text, double precision), public.agentops_schema_version() to service_role;
    end if;
end
$$;

notify pgrst, 'reload schema';
