namespace AgentOps.Rca.WebHost;

internal static class HostHelp
{
    public const string Text = """
        Root-cause analysis for AI agents, as an API.

          dotnet run --project samples/WebHost                the API, on port 8000
          dotnet run --project samples/WebHost -- --demo      analyses three incidents first, and prints what it finds
          dotnet run --project samples/WebHost -- verify FILE --key PEM
                                                              checks a bundle (verify --help tells more)
          dotnet run --project samples/WebHost -- keys new NAME --scopes ingest
                                                              makes a key for a caller (keys --help tells more)
          dotnet run --project samples/WebHost -- tenants sql NAME
                                                              prints the SQL of a tenant's tables, for a database that the host may not alter

        Settings come from the environment or from a file .env in the working directory; env.example lists them all.
        Without a key (AGENTOPS_KEYS, AGENTOPS_API_KEY) it answers this machine only. AGENTOPS_CORS_ORIGINS lets pages of other origins call the API.
        With none of them, records are kept in ./data, artifacts in ./artifacts, and analyses need no key.
        """;

    public static bool IsAskedFor(string[] args) => args.Any(argument => argument is "--help" or "-h" or "-?");
}
