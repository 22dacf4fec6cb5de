using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.Incidents;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;
using AgentOps.Rca.Storage;
using AgentOps.Rca.Storage.Supabase.Postgres;
using AgentOps.Rca.Supabase.Tests.Storage.Supabase.DataApi;
using AgentOps.Rca.Testing;
using AgentOps.Rca.Testing.Supabase;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentOps.Rca.Supabase.Tests.Storage.Supabase.Postgres;

/// <summary>Databases whose tables were there before (cases 40, 41 and 42).</summary>
public sealed class ExistingTablesTests
{
    private const string IncidentId = "aaaaaaaa-1111-4111-8111-111111111111";

    private const string OriginalSchema =
        $$"""
        create table incidents (id uuid primary key default gen_random_uuid(), order_id text not null, incident_type text not null,
            severity text default 'medium', eta_delta_hours numeric(10,2) not null, problem_type text not null, status text default 'open',
            description text, created_ts timestamptz default now(), resolved_ts timestamptz, details jsonb default '{}');
        create table spans (span_id text primary key, parent_id text, tool text not null, start_ts bigint not null, end_ts bigint not null,
            args_digest text, result_digest text, attributes jsonb default '{}', incident_id uuid references incidents(id) on delete cascade,
            order_id text, created_ts timestamptz default now());
        create table artifacts (digest text primary key, mime_type text not null, length integer not null, pii_masked boolean default false,
            file_path text, metadata jsonb default '{}', created_ts timestamptz default now());
        grant select, insert, update on incidents, spans, artifacts to anon;
        insert into incidents (id, order_id, incident_type, eta_delta_hours, problem_type)
            values ('{{IncidentId}}', 'ORD-001', 'delivery_delay', 2.5, 'eta_missed');
        insert into artifacts (digest, mime_type, length) values (repeat('c', 64), 'application/json', 10);
        insert into spans (span_id, tool, start_ts, end_ts, args_digest, attributes, incident_id)
            values ('s1', 'tool.call/detect-delay', 1690000000, 1690000500, repeat('c', 64), '{"status":"failed"}', '{{IncidentId}}');
        """;

    private const string FirstShape =
        """
        create table incidents (id uuid primary key, order_id text, eta_delta_hours float, problem_type text, status text, created_ts timestamp, details jsonb);
        create table spans (span_id text primary key, parent_id text, tool text, start_ts bigint, end_ts bigint, args_digest text, result_digest text,
            attributes JSON, incident_id text);
        create table artifacts (digest text primary key, mime text, length bigint, pii_masked boolean, created_ts timestamp);
        """;

    private static CancellationToken TestToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_tables_of_the_original_are_used_and_its_programs_go_on_reading_and_writing_them()
    {
        await using var database = await CreateAsync(OriginalSchema);
        await using var backend = Open(database);

        var warning = await backend.PrepareAsync(backend.Contents!, TestToken);

        Assert.Contains("anon can read public.incidents, since row level security is off", warning, StringComparison.Ordinal);
        Assert.Contains("alter table public.spans enable row level security;", warning, StringComparison.Ordinal);
        Assert.Equal(warning, await backend.FindWarningAsync(TestToken));
        Assert.Null(await backend.FindFaultAsync(TestToken));
        await AssertStoresAsync(backend);
        var span = await backend.Spans.GetAsync("s1", TestToken);
        Assert.Equal((IncidentId, "failed"), (span!.IncidentId, span.Attributes.GetProperty("status").GetString()));
        Assert.Equal("application/json", (await backend.Artifacts.GetAsync(ArtifactDigest.Parse(new string('c', 64)), TestToken))!.Mime);

        // As the original's recorder writes, with the key of anybody.
        await database.ExecuteAsync(
            $"""
            set role anon;
            insert into incidents (order_id, incident_type, eta_delta_hours, problem_type) values ('ORD-2', 'delay', 1.5, 'late');
            insert into artifacts (digest, mime_type, length) values (repeat('d', 64), 'text/plain', 5);
            insert into spans (span_id, tool, start_ts, end_ts, incident_id) values ('s2', 't', 1, 2, '{IncidentId}');
            """);
        Assert.Equal("text/plain", (await backend.Artifacts.GetAsync(ArtifactDigest.Parse(new string('d', 64)), TestToken))!.Mime);
        Assert.Equal(IncidentId, (await backend.Spans.GetAsync("s2", TestToken))!.IncidentId);
        Assert.Equal(0, await database.ReadAsync<long>("select count(*) from incidents where incident_type is null"));
        Assert.False(await database.ReadAsync<bool>("select relrowsecurity from pg_class where oid = 'public.incidents'::regclass"));
    }

    [Fact]
    public async Task The_tables_of_the_original_are_used_over_the_Data_API_when_the_migrations_were_run_by_hand()
    {
        await using var database = await CreateAsync(OriginalSchema);
        foreach (var migration in SupabaseMigrations.All)
        {
            await database.ExecuteAsync(SupabaseMigrations.Read(migration));
        }

        await using var server = await PostgrestServer.StartAsync(database);
        await using var backend = DataApiBackend.Open(server.Url, "sb_secret_test");

        Assert.Contains("anon can read public.incidents", await backend.PrepareAsync(backend.Contents!, TestToken), StringComparison.Ordinal);

        Assert.Null(await backend.FindFaultAsync(TestToken));
        await AssertStoresAsync(backend);
    }

    [Fact]
    public async Task A_database_that_an_older_version_found_current_is_mended_at_the_next_start()
    {
        await using var database = await CreateAsync(OriginalSchema);
        await database.ExecuteAsync(
            $"create function public.agentops_schema_version() returns text language sql immutable as $$ select '{SupabaseMigrations.Version}' $$");
        await using var backend = Open(database);

        await backend.PrepareAsync(backend.Contents!, TestToken);

        await AssertStoresAsync(backend);
    }

    // Each of these differs in a way that loses nothing when it is mended.
    [Theory]
    [InlineData("alter table incidents drop column eta_delta_hours, drop column details, drop column status, drop column created_ts, drop column order_id, drop column problem_type")]
    [InlineData("alter table spans drop column attributes, drop column incident_id, drop column parent_id, drop column args_digest, drop column result_digest")]
    [InlineData("alter table artifacts drop column mime, drop column pii_masked, drop column created_ts")]
    [InlineData("alter table incidents alter column eta_delta_hours type real, alter column status type varchar(8), alter column order_id type varchar(5)")]
    [InlineData("create type state as enum ('open', 'closed'); alter table incidents alter column status type state using status::state, alter column status set default 'open'")]
    [InlineData("alter table spans alter column incident_id type varchar(36), alter column tool type char(20), alter column start_ts type integer using 1, alter column end_ts type integer using 1")]
    [InlineData("alter table spans alter column attributes type json")]
    [InlineData("alter table spans alter column attributes type varchar(20) using attributes::text; alter table incidents alter column details type text")]
    [InlineData("alter table spans alter column parent_id set not null, alter column args_digest set not null, alter column incident_id set not null")]
    [InlineData("alter table spans add foreign key (parent_id) references spans; alter table spans add foreign key (args_digest) references artifacts")]
    [InlineData("alter table spans drop constraint spans_pkey, add column number bigserial primary key")]
    [InlineData("alter table artifacts alter column digest type char(64), alter column length type integer")]
    [InlineData("alter table incidents alter column created_ts type timestamptz(0), add column tenant text default 'x', add column number bigint generated always as identity")]
    public async Task What_differs_is_mended_where_that_loses_nothing(string change)
    {
        await using var database = await CreateAsync(Shaped("jsonb") + change);
        await using var backend = Open(database);

        Assert.Null(await backend.PrepareAsync(backend.Contents!, TestToken));

        Assert.Null(await backend.FindFaultAsync(TestToken));
        await AssertStoresAsync(backend);
    }

    [Theory]
    [InlineData("alter table incidents alter column id type text", "public.incidents.id is text and has to be uuid")]
    [InlineData("alter table incidents drop column id", "public.incidents.id (uuid) is missing")]
    [InlineData("alter table incidents add column tenant uuid not null", "public.incidents.tenant has to be given")]
    [InlineData("alter table spans alter column start_ts type timestamptz using now()", "public.spans.start_ts is timestamp with time zone and has to be bigint")]
    [InlineData("alter table spans drop column tool, add column name text", "public.spans.tool (text) is missing")]
    [InlineData("alter table spans alter column incident_id type bigint using 1", "public.spans.incident_id is bigint and has to be text")]
    [InlineData("alter table artifacts alter column digest type bytea using digest::bytea", "public.artifacts.digest is bytea and has to be text")]
    [InlineData("alter table artifacts alter column pii_masked type integer using 1", "public.artifacts.pii_masked is integer and has to be boolean")]
    [InlineData("alter table incidents add check (status in ('open', 'closed'))", "incidents_status_check")]
    [InlineData("alter table spans add check (end_ts > start_ts)", "spans_check")]
    [InlineData("alter table incidents drop constraint incidents_pkey; insert into incidents (id) select '11111111-1111-4111-8111-111111111111' from generate_series(1, 2)", "public.incidents.id is no key")]
    [InlineData("alter table artifacts alter column length type integer; create view sizes as select length from artifacts", "public.artifacts.length is integer")]
    [InlineData("create view seen as select span_id from spans", "A view or rule uses public.spans.span_id")]
    [InlineData("drop table artifacts; create view artifacts as select 1 as digest", "public.artifacts is no table")]
    public async Task What_cannot_be_mended_stops_the_start_by_its_name_and_nothing_is_altered(string change, string named)
    {
        await using var database = await CreateAsync(Shaped("jsonb") + change);
        var before = await ReadShapeAsync(database);
        await using var backend = Open(database);

        var failure = await Assert.ThrowsAsync<StoreSetupException>(async () => await backend.PrepareAsync(backend.Contents!, TestToken));

        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, await ReadShapeAsync(database));
    }

    [Fact]
    public async Task Behind_the_transaction_pooler_readiness_names_the_columns()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("alter table public.artifacts drop column mime");
        await using var backend = new SupabaseBackend(
            new SupabaseBackendOptions { ConnectionString = database.Pooled }, TimeProvider.System, NullLoggerFactory.Instance);

        var fault = await backend.FindFaultAsync(TestToken);

        Assert.NotNull(fault);
        Assert.Contains("public.artifacts.mime (text) is missing", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tables_that_are_made_here_are_closed_and_a_policy_that_opens_one_is_told()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var backend = Open(database);
        await database.ExecuteAsync("grant select on public.spans, public.incidents to anon");
        Assert.Null(await backend.FindWarningAsync(TestToken));

        await database.ExecuteAsync("create policy everybody on public.spans for select to anon using (true)");

        Assert.Equal(
            "anon can read public.spans, since the policy everybody lets them. To close it: drop policy everybody on public.spans;",
            await backend.FindWarningAsync(TestToken));
    }

    // Cases 41 and 42.
    [Theory]
    [InlineData("jsonb")]
    [InlineData("json")]
    [InlineData("text")]
    public async Task Rows_that_hold_what_is_never_written_here_are_read_the_same_both_ways(string jsonType)
    {
        await using var database = await CreateAsync(Shaped(jsonType));
        await database.ExecuteAsync(
            """
            insert into incidents (id, eta_delta_hours, created_ts, details) values
                ('11111111-1111-4111-8111-111111111101', 6.5, '2026-08-15 10:00:00', '{}'),
                ('11111111-1111-4111-8111-111111111102', 'NaN', '2026-08-15 10:00:00', '"{\"a\": 1}"'),
                ('11111111-1111-4111-8111-111111111103', 'Infinity', 'infinity', '[1]'),
                ('11111111-1111-4111-8111-111111111104', '-Infinity', '-infinity', '"x"'),
                ('11111111-1111-4111-8111-111111111105', null, '4000-01-01 BC', 'null'),
                ('11111111-1111-4111-8111-111111111106', null, '20000-01-01', '7');
            insert into spans (span_id, attributes) values
                ('object', '{"error": "x"}'), ('null', 'null'), ('nothing', null), ('array', '[1, 2]'), ('number', '7'), ('empty', '""'),
                ('text', '"plain"'), ('once', '"{\"error\": \"x\"}"'), ('twice', to_json(to_json('{"error": "x"}'::text)::text)::text::JSON),
                ('broken', '"{not json"'), ('huge', ('{"n": 1' || repeat('0', 400) || '}')::JSON), ('deep', (repeat('[', 200) || repeat(']', 200))::JSON);
            """.Replace("JSON", jsonType, StringComparison.Ordinal));
        await using var direct = Open(database);
        Assert.Null(await direct.PrepareAsync(direct.Contents!, TestToken));
        await using var server = await PostgrestServer.StartAsync(database);
        await using var api = DataApiBackend.Open(server.Url, "sb_secret_test");

        var rows = await ReadAsync(direct);

        Assert.Equal(rows, await ReadAsync(api));
        Assert.Equal(6 + 12, rows.Count);
        await database.ExecuteAsync($"update spans set incident_id = '{IncidentId}'");
        List<string> shown = [];
        var last = await ((ISpanRows)direct.Spans).ReadPageAsync(IncidentId, after: null, 100, Show, TestToken);
        Assert.Null(last);
        Assert.Equal(rows.TakeLast(12), shown);
        Assert.Contains("""once {"error":"x"}""", rows);
        Assert.Contains("""twice {"error":"x"}""", rows);
        Assert.Contains("""array {"value":[1,2]}""", rows);
        Assert.Contains("""broken {"value":"{not json"}""", rows);
        Assert.Contains("null {}", rows);
        Assert.Contains("""11111111-1111-4111-8111-111111111101 6.5 {} 2026-08-15T10:00:00Z""", rows);
        Assert.Contains("""11111111-1111-4111-8111-111111111102  {"a":1} 2026-08-15T10:00:00Z""", rows);
        Assert.Contains("""11111111-1111-4111-8111-111111111103  {"value":[1]} 9999-12-31T23:59:59.999999Z""", rows);

        void Show(in SpanRow span) => shown.Add($"{Encoding.UTF8.GetString(span.SpanId)} {Canonical(JsonElement.Parse(span.Attributes))}");
    }

    private static async Task<List<string>> ReadAsync(StorageBackend backend)
    {
        List<string> rows = [];
        await foreach (var incident in backend.Incidents.ListAsync(new IncidentQuery(), TestToken))
        {
            var createdTs = JsonElement.Parse(IncidentJson.ToUtf8(incident)).GetProperty("created_ts").GetString();
            rows.Add(string.Create(CultureInfo.InvariantCulture, $"{incident.Id} {incident.EtaDeltaHours} {Canonical(incident.Details)} {createdTs}"));
        }

        await foreach (var span in backend.Spans.ListAsync(new SpanQuery(), TestToken))
        {
            rows.Add($"{span.SpanId} {Canonical(span.Attributes)}");
        }

        return rows;
    }

    private static string Canonical(JsonElement value) => Encoding.UTF8.GetString(CanonicalJson.ToUtf8(value));

    private static string Shaped(string jsonType) => FirstShape.Replace("JSON", jsonType, StringComparison.Ordinal);

    private static async Task<TestDatabase> CreateAsync(string schema)
    {
        var database = await TestDatabase.CreateAsync(migrated: false);
        await database.ExecuteAsync(schema);
        return database;
    }

    private static SupabaseBackend Open(TestDatabase database) => new(
        new SupabaseBackendOptions { ConnectionString = database.Direct }, TimeProvider.System, NullLoggerFactory.Instance);

    private static async Task AssertStoresAsync(StorageBackend backend)
    {
        var incident = Samples.Incident(7) with { EtaDeltaHours = 2.3456789012345678 };
        Assert.Equal(WriteOutcome.Added, await backend.Incidents.AddAsync(incident, TestToken));
        Assert.Equal(WriteOutcome.Duplicate, await backend.Incidents.AddAsync(incident, TestToken));
        Assert.Equal(WriteOutcome.Added, await backend.Incidents.AddAsync(Samples.Incident(8) with { EtaDeltaHours = null }, TestToken));
        Assert.True(await backend.Incidents.TrySetStatusAsync(incident.Id, incident.Status, IncidentStatus.Approved, TestToken));
        Span[] spans = [Samples.Span("new"), Samples.Span("stray") with { IncidentId = new string('i', 100), ParentId = "nobody" }];
        Assert.Equal(2, (await backend.Spans.AddAsync(spans, TestToken)).Added);
        Assert.Equal(2, (await backend.Spans.AddAsync(spans, TestToken)).Duplicates);
        using var content = new MemoryStream("bytes"u8.ToArray());
        var stored = await backend.Contents!.WriteAsync(content, expected: null, TestToken);
        var artifact = new Artifact { Digest = stored.Digest, Length = stored.Length, Mime = "text/plain", CreatedTs = Samples.Instant };
        Assert.Equal(WriteOutcome.Added, await backend.Artifacts.AddAsync(artifact, TestToken));
        Assert.Equal("text/plain", (await backend.Artifacts.GetAsync(stored.Digest, TestToken))!.Mime);
    }

    private static async Task<string?> ReadShapeAsync(TestDatabase database) => await database.ReadAsync<string>(
        """
        select string_agg(concat_ws(' ', c.relname, c.relkind, c.relrowsecurity, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull), ';'
            order by c.relname, a.attnum)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        where n.nspname = 'public'
        """);
}
