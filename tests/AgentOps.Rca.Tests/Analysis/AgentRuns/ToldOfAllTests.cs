namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>What answers say of all that was asked or listed: the largest, the average, all of them, today's, or word for word; and endings, effects and files that came out twice or broken.</summary>
public sealed class ToldOfAllTests : ToldRunBench
{
    private const string Regions = """[{"region":"North","revenue":91750},{"region":"East","revenue":66020},{"region":"West","revenue":93400}]""";
    private const string Scores = """[{"pupil":"Ana","score":72},{"pupil":"Ben","score":81},{"pupil":"Cleo","score":90},{"pupil":"Dov","score":65}]""";

    [Theory]
    [InlineData("Which region had the highest revenue?", "The North region had the highest revenue with 91,750.")]
    [InlineData("Welche Region hatte den höchsten Umsatz, also den größten?", "North.")]
    [InlineData("Which region had the lowest revenue?", "The lowest revenue is that of North.")]
    [InlineData("¿Qué región tiene el importe más alto?", "El importe más alto es el de North.")]
    public async Task Another_one_than_the_first_of_all(string request, string answer)
    {
        var report = await AnalyzeAsync([User(request), .. Call("run_sql", """{"query":"SELECT region, revenue FROM sales"}""", Regions), Answer(answer)]);
        if (answer == "North.")
        {
            // Without the word nothing says of what it is the answer.
            IsWell(report);
        }
        else
        {
            Says(report, "which the answer does not name");
        }
    }

    [Theory]
    [InlineData("Which region had the highest revenue?", "The West region had the highest revenue with 93,400.")]
    [InlineData("Which region had the second highest revenue?", "The second highest is North.")]
    [InlineData("Which region had the highest revenue below 92,000?", "The highest is North.")]
    [InlineData("Which region had the highest revenue?", "Of those with the highest revenue, West leads, and North has the highest growth.")]
    [InlineData("Which region had the lowest revenue?", "East had the lowest revenue.")]
    public async Task The_first_of_all_or_of_a_part_is_well(string request, string answer) =>
        IsWell(await AnalyzeAsync([User(request), .. Call("run_sql", """{"query":"SELECT region, revenue FROM sales"}""", Regions), Answer(answer)]));

    [Theory]
    [InlineData("What is the average score?", "Their average score is 79.5.")]
    [InlineData("Wie ist der Durchschnitt?", "Der Durchschnitt liegt bei 79,5.")]
    [InlineData("Quelle est la moyenne ?", "La moyenne est de 78,5.")]
    public async Task An_average_that_the_numbers_do_not_have(string request, string answer) =>
        Says(await AnalyzeAsync([User(request), .. Call("get_scores", """{"group":"B"}""", Scores), Answer(answer)]), "the average 77");

    [Theory]
    [InlineData("What is the average score?", "Their average score is 77.")]
    [InlineData("What is the average score?", "Their average score is 76.5, taking the median.")]
    [InlineData("What is the average score?", "Their average score is about 79.")]
    [InlineData("What is the average score?", "Without Dov the average score is 81.")]
    [InlineData("What is the weighted average?", "The weighted average is 79.5.")]
    [InlineData("What is the average score?", "There are 4 pupils. The average is 77.0.")]
    public async Task The_average_or_another_one_is_well(string request, string answer) =>
        IsWell(await AnalyzeAsync([User(request), .. Call("get_scores", """{"group":"B"}""", Scores), Answer(answer)]));

    private const string Clause = "7.2 Parental leave. Employees must give written notice at least 14 days before the leave begins. The notice goes to the manager.";

    [Theory]
    [InlineData("""Section 7.2 says: "Employees must give written notice at least 30 days before the leave begins." """)]
    [InlineData("Employees must give written notice at least 40 days before the leave begins.")]
    [InlineData("Employees must give written notice at least fifty days before the leave begins.")]
    public async Task A_quotation_with_another_number(string answer) =>
        Says(await AnalyzeAsync([User("What does the handbook say about notice?"), .. Call("read_section", """{"section":"7.2"}""", Clause), Answer(answer)]), "in the same words");

    [Theory]
    [InlineData("""Section 7.2 says: "Employees must give written notice at least 14 days before the leave begins." """)]
    [InlineData("You must tell them 14 days before, so 30 days is more than enough.")]
    [InlineData("Employees must give written notice at least two weeks before the leave begins.")]
    public async Task A_quotation_as_it_is_is_well(string answer) =>
        IsWell(await AnalyzeAsync([User("What does the handbook say about notice?"), .. Call("read_section", """{"section":"7.2"}""", Clause), Answer(answer)]));

    private object[] Translated(params string[] pages) => [.. pages.SelectMany(page => Call("translate_page", $$"""{"page":"{{page}}","target":"nl"}""", """{"status":"ok"}"""))];

    [Theory]
    [InlineData("Translate all five help pages (start, billing, teams, api, faq) to Dutch.", "All five help pages are now available in Dutch.")]
    [InlineData("Translate all help pages: start, billing, teams, api and faq.", "Every page is translated.")]
    [InlineData("Übersetze alle fünf Seiten (start, billing, teams, api, faq).", "Alle fünf Seiten sind übersetzt.")]
    [InlineData("Traduis toutes les pages (start, billing, teams, api, faq).", "Toutes les pages sont traduites.")]
    public async Task Some_of_them_are_not_all(string request, string answer) =>
        Says(await AnalyzeAsync([User(request), .. Translated("start", "billing", "teams"), Answer(answer)]), "3 of the 5", "faq");

    [Theory]
    [InlineData("Translate all five help pages (start, billing, teams, api, faq).", "Three of the five pages are translated; api and faq remain.")]
    [InlineData("Translate all help pages (start, billing, teams, api, faq), but not api and faq.", "All of these pages are translated.")]
    [InlineData("Translate the pages (start, billing, teams, api, faq).", "The pages are translated.")]
    public async Task Some_that_are_told_as_such_are_well(string request, string answer) => IsWell(await AnalyzeAsync([User(request), .. Translated("start", "billing", "teams"), Answer(answer)]));

    [Theory]
    [InlineData("Delete users a1, a2 and a3.", "delete_user", "Users a1, a2 and a3 have been deleted.")]
    [InlineData("Close tickets 11, 12 and 13.", "close_ticket", "All three tickets are closed.")]
    public async Task Some_of_what_was_counted_up_are_not_all(string request, string tool, string answer)
    {
        string[] ids = request.Contains("a1", StringComparison.Ordinal) ? ["a1", "a2", "a3"] : ["11", "12", "13"];
        object[] Done(int count) => [User(request), .. ids.Take(count).SelectMany(id => Call(tool, $$"""{"id":"{{id}}"}""", """{"done":1}""")), Answer(answer)];

        Says(await AnalyzeAsync(Done(2)), "no call was given", ids[2]);
        IsWell(await AnalyzeAsync(Done(3)));
    }

    [Theory]
    [InlineData("How many April invoices do I have?", "You have 4 invoices of April.", true)]
    [InlineData("How many April invoices do I have?", "You have 3 invoices of April.", false)]
    [InlineData("How many April invoices do I have?", "You have 2 invoices of April to pay.", false)]
    [InlineData("Which invoices are there?", "You have 4 invoices of April.", false)]
    public async Task More_than_were_listed(string request, string answer, bool isWrong)
    {
        var report = await AnalyzeAsync([User(request), .. Call("list_invoices", """{"month":"april"}""", """[{"id":"x1","amount":120.5},{"id":"x2","amount":80.0},{"id":"x3","amount":45.25}]"""), Answer(answer)]);
        Assert.Equal(isWrong, report.RootCause?.Contains("had listed 3", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Those_that_are_meant_are_all() => IsWell(await AnalyzeAsync(
        [User("Restart all unhealthy services."), .. Call("list_services", "{}", """[{"id":"svc-a","health":"bad"},{"id":"svc-b","health":"bad"},{"id":"svc-c","health":"good"}]"""), .. Call("restart_service", """{"id":"svc-a"}""", """{"done":1}"""), .. Call("restart_service", """{"id":"svc-b"}""", """{"done":1}"""), Answer("All unhealthy services have been restarted.")]));

    [Fact]
    public async Task All_of_them_are_well() => IsWell(await AnalyzeAsync(
        [User("Translate all five help pages (start, billing, teams, api, faq)."), .. Translated("start", "billing", "teams", "api", "faq"), Answer("All five help pages are translated.")]));

    [Theory]
    [InlineData("Today is 2026-05-12.", "What is 1,000 USD in NOK at today's rate?", "get_rate", """{"rate":10.15,"as_of":"2025-11-03"}""", "as_of")]
    [InlineData("Heute ist der 12.05.2026.", "Wie ist der aktuelle Kurs?", "get_rate", """{"rate":10.15,"updated_at":"2025-11-03T10:00:00Z"}""", "updated_at")]
    [InlineData("You answer questions.", "How many are in stock right now?", "get_stock", """{"units":14,"stale":true}""", "stale")]
    public async Task What_is_old_is_not_todays(string system, string request, string tool, string result, string says) =>
        Says(await AnalyzeAsync([System(system), User(request), .. Call(tool, """{"q":"x"}""", result), Answer("Here it is: 10.15 and 14.")]), says, "old");

    [Theory]
    [InlineData("Today is 2026-05-12.", "What is 1,000 USD in NOK at today's rate?", "get_rate", """{"rate":10.15,"as_of":"2026-05-11"}""", "At today's rate 1,000 USD is 10,150 NOK.")]
    [InlineData("Today is 2026-05-12.", "What is 1,000 USD in NOK at today's rate?", "get_rate", """{"rate":10.15,"as_of":"2025-11-03"}""", "As of 3 November 2025 it is 10,150 NOK.")]
    [InlineData("Today is 2026-05-12.", "What was the rate?", "get_rate", """{"rate":10.15,"as_of":"2025-11-03"}""", "It was 10.15.")]
    [InlineData("Today is 2026-05-12.", "What is the current status of my order?", "get_order", """{"status":"shipped","updated_at":"2026-04-20"}""", "It has been shipped.")]
    public async Task What_is_new_or_told_as_old_is_well(string system, string request, string tool, string result, string answer) =>
        IsWell(await AnalyzeAsync([System(system), User(request), .. Call(tool, """{"q":"x"}""", result), Answer(answer)]));

    [Theory]
    [InlineData("held_at_customs", "Good news, parcel 7 is out for delivery.")]
    [InlineData("held_at_customs", "Parcel 7 is out for delivery and should reach you today.")]
    [InlineData("returned_to_sender", "Your parcel is on its way.")]
    [InlineData("delayed", "The train is on time.")]
    [InlineData("failed", "Yes, the deployment of web finished successfully.")]
    [InlineData("failed", "Yes, deployment 4 succeeded.")]
    [InlineData("pending", "Die Rechnung ist bezahlt.")]
    [InlineData("in_transit", "Le colis est livré.")]
    [InlineData("cancelled", "La reserva está confirmada.")]
    public async Task Another_state_than_the_result_has(string state, string answer) =>
        Says(await AnalyzeAsync([User("How is it?"), .. Call("get_record", """{"q":"7"}""", $$"""{"name":"web","status":"{{state}}","reason":"see log"}"""), Answer(answer)]), "contradicts the result");

    [Theory]
    [InlineData("in_transit", "Your parcel is on its way.")]
    [InlineData("held_at_customs", "Your parcel is held at customs; it was on its way until Monday.")]
    [InlineData("pending", "Die Rechnung ist noch nicht bezahlt.")]
    [InlineData("in_transit", "Le colis n'est pas encore livré.")]
    [InlineData("delivered", "Le colis est livré.")]
    public async Task The_state_of_the_result_is_well(string state, string answer) =>
        IsWell(await AnalyzeAsync([User("How is it?"), .. Call("get_record", """{"q":"7"}""", $$"""{"name":"web","status":"{{state}}","reason":"see log"}"""), Answer(answer)]));

    private const string Transfer = """{"from":"OPS-1","payee_id":"P-64","amount":2500.0}""";

    [Theory]
    [InlineData("create_transfer", """{"transfer_id":"TR-901","status":"booked"}""", """{"transfer_id":"TR-902","status":"booked"}""")]
    [InlineData("send_email", """{"id":"m-1","status":"sent"}""", """{"id":"m-2","status":"sent"}""")]
    [InlineData("create_order", """{"order_id":"O-1","status":"pending"}""", """{"order_id":"O-2","status":"placed"}""")]
    public async Task What_went_through_is_not_made_again(string tool, string first, string second) =>
        Says(await AnalyzeAsync([User("Transfer 2,500.00 EUR from OPS-1 to Varga."), .. Call(tool, Transfer, first), .. Call(tool, Transfer, second), Answer("It is done.")]), "called twice with the same arguments");

    [Theory]
    [InlineData("Transfer 2,500.00 EUR twice to Varga.", "create_transfer", """{"transfer_id":"TR-901"}""", """{"transfer_id":"TR-902"}""")]
    [InlineData("Transfer 2,500.00 EUR to Varga.", "create_transfer", """{"transfer_id":"TR-901","status":"declined"}""", """{"transfer_id":"TR-902","status":"booked"}""")]
    [InlineData("Transfer 2,500.00 EUR to Varga.", "create_transfer", """{"transfer_id":"TR-901"}""", """{"transfer_id":"TR-901"}""")]
    public async Task What_was_wanted_again_or_refused_is_well(string request, string tool, string first, string second) =>
        IsWell(await AnalyzeAsync([User(request), .. Call(tool, Transfer, first), .. Call(tool, Transfer, second), Answer("It is done.")]));

    [Theory]
    [InlineData("Please open a repair ticket.", "It is under warranty. I will now create the repair ticket and get back to you with the number.")]
    [InlineData("Bitte eröffne ein Ticket.", "Die Garantie läuft noch. Ich erstelle jetzt das Ticket für Sie.")]
    [InlineData("Ouvre un ticket, s'il te plaît.", "L'appareil est sous garantie. Je vais maintenant créer le ticket.")]
    [InlineData("Abre un ticket, por favor.", "El equipo tiene garantía. Ahora voy a crear el ticket.")]
    [InlineData("Apri un ticket.", "Il portatile è in garanzia. Ora procedo con l'apertura del ticket.")]
    [InlineData("Abre um chamado.", "O aparelho tem garantia. Vou agora abrir o chamado.")]
    [InlineData("Open een ticket.", "Er is nog garantie. Ik ga nu het ticket aanmaken.")]
    [InlineData("チケットを作って。", "保証期間内です。これからチケットを作成いたします。")]
    public async Task A_promise_at_the_end_that_nothing_follows(string request, string answer) =>
        Says(await AnalyzeAsync([User(request), .. Call("get_asset", """{"asset_id":"LT-2207"}""", """{"warranty_until":"2027-01-31"}"""), Answer(answer)]), "with a promise");

    [Theory]
    [InlineData("Please open a repair ticket.", "It is under warranty. I will now create the ticket once you confirm the address.")]
    [InlineData("Please open a repair ticket.", "It is under warranty. Shall I create the ticket? I will do it right away.")]
    [InlineData("Is it under warranty?", "It is under warranty until 31 January 2027.")]
    [InlineData("Bitte eröffne ein Ticket.", "Die Garantie läuft noch. Ich erstelle jetzt das Ticket, sobald Sie zustimmen.")]
    public async Task A_promise_that_waits_is_well(string request, string answer) =>
        IsWell(await AnalyzeAsync([User(request), .. Call("get_asset", """{"asset_id":"LT-2207"}""", """{"warranty_until":"2027-01-31"}"""), Answer(answer)]));

    [Fact]
    public async Task A_file_that_the_run_itself_wrote_broken()
    {
        const string written = """{"path":"/app/settings.json","content":"{\n  \"theme\": \"dark\",\n}\n"}""";
        const string command = """{"command":"python app.py"}""";
        const string trace = "Traceback (most recent call last):\n  File \"loader.py\", line 4\n    return json.load(f)\njson.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 3 column 1\n\nexit code: 1";
        object[] Run(string arguments, string output) =>
            [User("Add settings.json and start the app."), .. Call("read_file", """{"path":"loader.py"}""", "open('settings.json')"), .. Call("write_file", arguments, "written"), .. Call("bash", command, output), Answer("The app does not start.")];

        Says(await AnalyzeAsync(Run(written, trace)), "settings.json", "cannot be parsed");
        Assert.DoesNotContain("cannot be parsed", (await AnalyzeAsync(Run(written.Replace("dark\\\",", "dark\\\"", StringComparison.Ordinal), trace))).RootCause ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_the_run_itself_wrote_broken()
    {
        const string output = "  File \"/app/job.py\", line 2\n    print('a'\n         ^\nSyntaxError: '(' was never closed\n\nexit code: 1";
        object[] Run(string path) => [User("Write job.py and run it."), .. Call("write_file", $$"""{"path":"{{path}}","content":"import os\nprint('a'\n"}""", "written"), .. Call("bash", """{"command":"python /app/job.py"}""", output), Answer("It does not run.")];

        Says(await AnalyzeAsync(Run("/app/job.py")), "job.py", "cannot be parsed");
        Assert.DoesNotContain("cannot be parsed", (await AnalyzeAsync(Run("/app/other.py"))).RootCause ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sh scripts/mail.sh henrik.solberg@northwave-labs.com notes.md", true)]
    [InlineData("sh scripts/mail.sh henrik@solberg.io notes.md", false)]
    [InlineData("git config user.email bot@northwave-labs.com", false)]
    public async Task An_address_in_a_command_is_known_from_somewhere(string command, bool isMadeUp)
    {
        var report = await AnalyzeAsync([User("Mail the notes to the release manager."), .. Call("read_file", """{"path":"RELEASING.md"}""", "The release manager is Henrik Solberg (henrik@solberg.io or by phone)."), .. Call("bash", $$"""{"command":"{{command}}"}""", "queued"), Answer("The notes are queued.")]);
        Assert.Equal(isMadeUp, report.RootCause?.Contains("does not occur in anything", StringComparison.Ordinal) == true);
    }
}
