namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>Arguments that say another thing than the user did: another of two records, another hour, weekday, number, currency or zone, and rows of another kind.</summary>
public sealed class AskedOtherwiseTests : ToldRunBench
{
    private const string Ok = """{"ok":true}""";
    private const string Orders = """{"customer":"C-1","open_orders":[88213,88231]}""";

    [Theory]
    [InlineData("I have two orders, 88213 (tent) and 88231 (boots). Please cancel 88213.", "cancel_order", """{"order_id":88231}""", "88231 is another record")]
    [InlineData("Please cancel order 88213.", "cancel_order", """{"order_id":"88231"}""", "88231 is another record")]
    public async Task A_record_beside_the_one_that_was_asked_for(string request, string tool, string arguments, string says) =>
        Says(await AnalyzeAsync([User(request), .. Call("find_customer", """{"name":"Marta"}""", Orders), .. Call(tool, arguments, Ok), Answer("Done.")]), says);

    [Theory]
    [InlineData("Please cancel order 88213.", """{"order_id":88213}""", Orders)]
    [InlineData("Please cancel orders 88213 and 88231.", """{"order_id":88231}""", Orders)]
    [InlineData("Please cancel the duplicate of 88213.", """{"order_id":88231}""", Orders)]
    [InlineData("Don't cancel 88213, cancel the other one.", """{"order_id":88231}""", Orders)]
    [InlineData("Please cancel order 88213.", """{"order_id":88231}""", """{"order_id":88213,"merged_into":88231}""")]
    [InlineData("Can you cancel 88213?", """{"order_id":88231}""", Orders)]
    [InlineData("Cancel everything after 88213.", """{"order_id":88231}""", Orders)]
    public async Task The_record_that_was_asked_for_or_that_it_leads_to_is_well(string request, string arguments, string found) =>
        IsWell(await AnalyzeAsync([User(request), .. Call("find_customer", """{"name":"Marta"}""", found), .. Call("cancel_order", arguments, Ok), Answer("Done.")]));

    [Theory]
    [InlineData("Erinnere mich um halb acht an die Katze.", "create_reminder", """{"at":"2026-05-13T08:30:00"}""", "halb acht")]
    [InlineData("Zet de controle om kwart voor vier in de agenda.", "plan_afspraak", """{"tijd":"16:15"}""", "kwart voor vier")]
    [InlineData("Agenda la visita a las cuatro y media.", "crear_evento", """{"hora":"16:45"}""", "las cuatro y media")]
    [InlineData("Mets la réunion à quatre heures moins le quart.", "creer_evenement", """{"heure":"16:15"}""", "quatre heures moins le quart")]
    [InlineData("Fissa la visita alle quattro e mezza.", "crea_evento", """{"ora":"15:30"}""", "quattro e mezza")]
    [InlineData("Marca a consulta às três e meia.", "agendar", """{"inicio":"2026-05-19T14:30"}""", "três e meia")]
    [InlineData("Set the stand-up at quarter to nine.", "create_event", """{"start":"2026-05-13T09:15:00"}""", "quarter to nine")]
    [InlineData("Move the review to 14:30.", "update_event", """{"start":"13:40"}""", "14:30")]
    [InlineData("会議を午後3時半に入れて。", "create_event", """{"start":"2026-05-13T14:30:00"}""", "午後3時半")]
    [InlineData("Ring mig klockan, boka mötet kvart över två.", "create_event", """{"start":"2026-05-13T13:45:00"}""", "kvart över två")]
    public async Task Another_hour_than_the_only_one_that_was_said(string request, string tool, string arguments, string says) =>
        Says(await AnalyzeAsync([User(request), .. Call("list_entries", """{"day":1}""", """{"entries":["x"]}"""), .. Call(tool, arguments, Ok), Answer("Done.")]), says, "but the user had said");

    [Theory]
    [InlineData("Erinnere mich um halb acht an die Katze.", """{"at":"2026-05-13T07:30:00"}""")]
    [InlineData("Erinnere mich um halb acht an die Katze.", """{"at":"2026-05-13T19:30:00"}""")]
    [InlineData("Remind me 15 minutes before my 9:00 meeting.", """{"at":"2026-05-13T08:45:00"}""")]
    [InlineData("Get me there by 9:00.", """{"time":"08:30"}""")]
    [InlineData("My flight leaves at 9:00, order a taxi.", """{"time":"06:30"}""")]
    [InlineData("Put my 3 pm into the afternoon of the next day, any time.", """{"start":"2026-05-14T13:30:00"}""")]
    [InlineData("Set it at 9:00 Lisbon time, I am in another time zone.", """{"start":"2026-05-13T10:00:00"}""")]
    [InlineData("Some time after 9:00 would suit.", """{"start":"2026-05-13T10:30:00"}""")]
    [InlineData("Move the 9:00 stand-up an hour later.", """{"start":"2026-05-13T10:00:00"}""")]
    [InlineData("Either 9:00 or 10:00.", """{"start":"2026-05-13T10:00:00"}""")]
    [InlineData("Block 45 minutes from 9:00.", """{"start":"2026-05-13T09:00:00","end":"2026-05-13T09:45:00"}""")]
    public async Task The_hour_itself_or_one_that_follows_from_it_is_well(string request, string arguments) =>
        IsWell(await AnalyzeAsync([User(request), .. Call("create_event", arguments, Ok), Answer("Done.")]));

    [Fact]
    public async Task An_hour_that_was_free_where_the_users_was_not_is_well() => IsWell(await AnalyzeAsync(
        [User("Book the room at 15:45."), .. Call("get_slots", """{"day":1}""", """{"free":["15:15","16:15"]}"""), .. Call("book_room", """{"time":"16:15"}""", Ok), Answer("15:45 was taken, so it is 16:15.")]));

    [Theory]
    [InlineData("Book Oak for Monday.", "book_room", """{"date":"2026-05-19"}""", "Monday")]
    [InlineData("Marca a visita na próxima segunda-feira às 10h.", "agendar", """{"inicio":"2026-05-19T10:00"}""", "segunda-feira")]
    [InlineData("Trag den Ölwechsel für nächsten Freitag ein.", "create_appointment", """{"date":"2026-05-21"}""", "Freitag")]
    [InlineData("Réserve la salle pour jeudi prochain.", "reserve_room", """{"date":"2026-05-20"}""", "jeudi")]
    [InlineData("来週の火曜日に予約して。", "book_room", """{"date":"2026-05-20"}""", "火曜")]
    public async Task Another_day_of_the_week(string request, string tool, string arguments, string says) =>
        Says(await AnalyzeAsync([System("Today is Thursday, 14 May 2026."), User(request), .. Call(tool, arguments, Ok), Answer("Done.")]), says, "and that is a");

    [Theory]
    [InlineData("Book Oak for Monday.", """{"date":"2026-05-18"}""")]
    [InlineData("Book Oak before Monday.", """{"date":"2026-05-15"}""")]
    [InlineData("Book Oak for Monday or Tuesday.", """{"date":"2026-05-19"}""")]
    [InlineData("Book Oak for Monday's debrief.", """{"date":"2026-05-19"}""")]
    [InlineData("Book Oak for the day after Monday.", """{"date":"2026-05-19"}""")]
    [InlineData("The parcel came last Monday, book a pickup.", """{"date":"2026-05-19"}""")]
    [InlineData("Move it to before Monday.", """{"date":"2026-05-15"}""")]
    [InlineData("Book Oak every Monday.", """{"date":"2026-05-19"}""")]
    public async Task The_day_of_the_week_or_one_beside_it_is_well(string request, string arguments) =>
        IsWell(await AnalyzeAsync([System("Today is Thursday, 14 May 2026."), User(request), .. Call("book_room", arguments, Ok), Answer("Done.")]));

    [Theory]
    [InlineData("Move the review from 10 March to 14 March.", """{"start":"2027-03-15T13:00"}""", "14 March")]
    [InlineData("Verschiebe den Termin vom 10. März auf den 14. März.", """{"date":"2027-03-13"}""", "14. März")]
    public async Task A_day_beside_the_one_that_it_was_to_be_moved_to(string request, string arguments, string says) =>
        Says(await AnalyzeAsync([User(request), .. Call("list_bookings", """{"date":"2027-03-10"}""", """{"id":"B-7"}"""), .. Call("update_booking", arguments, Ok), Answer("Done.")]), says);

    [Theory]
    [InlineData("Move the review from 10 March to 14 March.", """{"start":"2027-03-14T13:00"}""")]
    [InlineData("I am away from 10 March to 14 March, book the hall right then.", """{"start":"2027-03-12"}""")]
    public async Task The_day_that_it_was_moved_to_is_well(string request, string arguments) => IsWell(await AnalyzeAsync([User(request), .. Call("update_booking", arguments, Ok), Answer("Done.")]));

    [Theory]
    [InlineData("Scale checkout to five replicas.", "scale_service", """{"name":"checkout","replicas":3}""", "five replicas")]
    [InlineData("Set the pool to 12 workers.", "set_pool", """{"workers":21}""", "12 workers")]
    [InlineData("Commande quatre-vingt-douze chaises pour la salle.", "commander", """{"ref":"CH","quantite":82}""", "quatre-vingt-douze chaises")]
    [InlineData("Bestelle zweiundneunzig Stühle für den Saal.", "bestelle_artikel", """{"artikel":"CH","menge":29}""", "zweiundneunzig Stühle")]
    [InlineData("Ordina novantadue sedie per la sala.", "ordina", """{"ref":"CH","quantita":72}""", "novantadue sedie")]
    [InlineData("Pide ochenta y dos sillas para la sala, por favor.", "pide_articulo", """{"ref":"CH","cantidad":28}""", "ochenta y dos sillas")]
    [InlineData("Order 15 toner cartridges.", "create_order", """{"item":"toner","quantity":51}""", "15 toner")]
    [InlineData("Bestel graag eenentachtig stoelen voor de zaal.", "bestel_artikel", """{"ref":"CH","aantal":18}""", "eenentachtig stoelen")]
    public async Task Another_number_of_them(string request, string tool, string arguments, string says) =>
        Says(await AnalyzeAsync([User(request), .. Call("get_article", """{"q":"x"}""", """{"ref":"CH","price":18.5,"stock":400}"""), .. Call(tool, arguments, Ok), Answer("Done.")]), says);

    [Theory]
    [InlineData("Scale checkout by five replicas.", "scale_service", """{"name":"checkout","replicas":7}""", """{"replicas":2}""")]
    [InlineData("Scale checkout to at most five replicas.", "scale_service", """{"name":"checkout","replicas":3}""", """{"replicas":2}""")]
    [InlineData("Scale checkout to five replicas.", "scale_service", """{"name":"checkout","replicas":3}""", """{"replicas":2,"max_replicas":3}""")]
    [InlineData("Commande quatre-vingt-douze chaises pour la salle.", "commander", """{"ref":"CH","quantite":92}""", """{"stock":400}""")]
    [InlineData("Commande quatre-vingt-douze chaises pour la salle.", "commander", """{"ref":"CH","quantite":23}""", """{"pack_of":4}""")]
    [InlineData("Order ninety-two chairs, in boxes of four.", "create_order", """{"ref":"CH","quantity":23}""", """{"stock":400}""")]
    [InlineData("Commande une chaise pour la salle.", "commander", """{"ref":"CH","quantite":2}""", """{"stock":400}""")]
    public async Task The_number_itself_or_one_that_follows_from_it_is_well(string request, string tool, string arguments, string found) =>
        IsWell(await AnalyzeAsync([User(request), .. Call("get_article", """{"q":"x"}""", found), .. Call(tool, arguments, Ok), Answer("Done.")]));

    [Theory]
    [InlineData("Registra la partida por un billón de pesos.", "crear_partida", """{"importe":1000000000,"divisa":"COP"}""", "un billón de pesos")]
    [InlineData("佐藤さんに3万円分のギフトカードを送って。", "send_gift_card", """{"amount":3000,"currency":"JPY"}""", "3万円")]
    [InlineData("Überweise zweitausendfünfhundert Euro an Varga.", "create_transfer", """{"amount":5200}""", "zweitausendfünfhundert Euro")]
    [InlineData("Stelle eine Milliarde Euro ein, und zwar für den Ausbau.", "erstelle_budget", """{"betrag":1000000}""", "Milliarde Euro")]
    [InlineData("Pay 1,250.00 EUR to Bo.", "pay", """{"to":"Bo","amount":1520.0,"currency":"EUR"}""", "1,250.00 EUR")]
    [InlineData("佐藤さんに30000円のギフトカードを送って。", "send_gift_card", """{"amount":3000,"currency":"JPY"}""", "30000円")]
    [InlineData("Pay 1,250 EUR to Bo.", "pay", """{"to":"Bo","amount":12500,"currency":"EUR"}""", "1,250 EUR")]
    public async Task Another_amount_than_the_words_say(string request, string tool, string arguments, string says) =>
        Says(await AnalyzeAsync([User(request), .. Call("find_payee", """{"q":"x"}""", """{"id":"P-6"}"""), .. Call(tool, arguments, Ok), Answer("Done.")]), says);

    [Theory]
    [InlineData("Registra la partida por un billón de pesos.", "crear_partida", """{"importe":1000000000000}""")]
    [InlineData("佐藤さんに3万円分のギフトカードを送って。", "send_gift_card", """{"amount":30000}""")]
    [InlineData("Überweise zweitausendfünfhundert Euro an Varga.", "create_transfer", """{"amount":250000}""")]
    [InlineData("Pay 1,250 EUR to Bo, split in two.", "pay", """{"to":"Bo","amount":625}""")]
    [InlineData("Pay up to 1,250 EUR to Bo.", "pay", """{"to":"Bo","amount":1205}""")]
    public async Task The_amount_or_a_part_of_it_is_well(string request, string tool, string arguments) => IsWell(await AnalyzeAsync([User(request), .. Call(tool, arguments, Ok), Answer("Done.")]));

    [Theory]
    [InlineData("Make a quote in Swiss francs.", """{"unit_price":480,"currency":"EUR"}""", "Swiss francs")]
    [InlineData("Das Angebot bitte in Schweizer Franken.", """{"unit_price":480,"currency":"EUR"}""", "Schweizer Franken")]
    [InlineData("Make a quote, unit price 480 British pounds.", """{"unit_price":480,"currency":"USD"}""", "British pounds")]
    [InlineData("Le devis doit être en dollars américains.", """{"unit_price":480,"devise":"EUR"}""", "dollars américains")]
    public async Task Another_currency_than_the_user_named(string request, string arguments, string says) =>
        Says(await AnalyzeAsync([User(request), .. Call("find_account", """{"q":"x"}""", """{"id":"AC-3"}"""), .. Call("create_quote", arguments, Ok), Answer("The quote is ready.")]), says);

    [Theory]
    [InlineData("Make a quote in Swiss francs.", """{"unit_price":480,"currency":"CHF"}""")]
    [InlineData("Make a quote, convert the Swiss francs to euros.", """{"unit_price":500,"currency":"EUR"}""")]
    [InlineData("The Swiss francs account is closed, make a quote.", """{"unit_price":480,"currency":"EUR"}""")]
    [InlineData("Make a quote in Swiss francs or euros.", """{"unit_price":480,"currency":"EUR"}""")]
    public async Task The_currency_or_one_of_several_is_well(string request, string arguments) => IsWell(await AnalyzeAsync([User(request), .. Call("create_quote", arguments, Ok), Answer("The quote is ready.")]));

    [Theory]
    [InlineData("A call with Tiago at 9:00 Lisbon time.", """{"start":"2026-09-08T09:00:00","timezone":"Europe/Berlin"}""", "Lisbon time")]
    [InlineData("Set it for 9:00 Europe/Lisbon.", """{"start":"2026-09-08T09:00:00","timezone":"Europe/Berlin"}""", "Europe/Lisbon")]
    [InlineData("Set it for 9:00 EST.", """{"start":"2026-09-08T09:00:00","tz":"America/Los_Angeles"}""", "EST")]
    [InlineData("Una llamada a las 9:00 hora de Lisboa.", """{"start":"2026-09-08T09:00:00","timezone":"Europe/Madrid"}""", "hora de Lisboa")]
    public async Task An_hour_of_another_zone(string request, string arguments, string says) =>
        Says(await AnalyzeAsync([User(request), .. Call("create_event", arguments, Ok), Answer("It is in the calendar.")]), says, "the hour was not converted");

    [Theory]
    [InlineData("A call with Tiago at 9:00 Lisbon time.", """{"start":"2026-09-08T09:00:00","timezone":"Europe/London"}""")]
    [InlineData("A call with Tiago at 9:00 Lisbon time.", """{"start":"2026-09-08T10:00:00","timezone":"Europe/Berlin"}""")]
    [InlineData("A call at 9:00 Paris time.", """{"start":"2026-09-08T09:00:00","timezone":"Europe/Berlin"}""")]
    [InlineData("A call at 9:00.", """{"start":"2026-09-08T09:00:00","timezone":"Europe/Berlin"}""")]
    public async Task The_zone_or_the_hour_there_is_well(string request, string arguments) => IsWell(await AnalyzeAsync([User(request), .. Call("create_event", arguments, Ok), Answer("It is in the calendar.")]));

    [Theory]
    [InlineData("Export our projects. Leave out the archived ones.", "export_projects", """{"include_archived":true}""", "Leave out the archived")]
    [InlineData("Exportiere die Projekte ohne archivierte.", "export_projects", """{"include_archived":true}""", "ohne archivierte")]
    [InlineData("Exporta los proyectos sin los archivados.", "export_projects", """{"exclude_archived":false}""", "sin los archivados")]
    [InlineData("Export our projects, including archived ones.", "export_projects", """{"exclude_archived":true}""", "including archived")]
    [InlineData("Export our projects without archived ones.", "bash", """{"command":"python export.py --include-archived --out p.csv"}""", "without archived")]
    public async Task A_switch_the_other_way_round(string request, string tool, string arguments, string says) =>
        Says(await AnalyzeAsync([User(request), .. Call(tool, arguments, """{"rows":84}"""), Answer("The file is ready with 84 rows.")]), says);

    [Theory]
    [InlineData("Export our projects. Leave out the archived ones.", "export_projects", """{"include_archived":false}""")]
    [InlineData("Export our projects, including archived ones.", "export_projects", """{"include_archived":true}""")]
    [InlineData("Export our projects.", "export_projects", """{"include_archived":true}""")]
    [InlineData("Which customers are without orders?", "list_customers", """{"include_orders":true}""")]
    [InlineData("Close the open ticket.", "update_ticket", """{"status":"closed"}""")]
    [InlineData("Compare the export with and without archived ones.", "export_projects", """{"include_archived":true}""")]
    [InlineData("Export our projects without archived ones.", "bash", """{"command":"python export.py --exclude-archived"}""")]
    [InlineData("Export our projects without archived ones.", "bash", """{"command":"python export.py --include-archived --help"}""")]
    public async Task The_switch_as_it_was_wanted_is_well(string request, string tool, string arguments) =>
        IsWell(await AnalyzeAsync([User(request), .. Call(tool, arguments, """{"rows":84}"""), Answer("The file is ready with 84 rows.")]));

    [Theory]
    [InlineData("List the unpaid invoices.", "run_sql", """{"query":"SELECT id FROM invoices WHERE status = 'paid'"}""", "unpaid")]
    [InlineData("Liste die unbezahlten Rechnungen.", "run_sql", """{"query":"SELECT id FROM invoices WHERE status = 'paid'"}""", "unbezahlten")]
    [InlineData("Enumera las facturas impagadas.", "run_sql", """{"query":"SELECT id FROM facturas WHERE estado = 'paid'"}""", "impagadas")]
    [InlineData("Which tickets are unresolved?", "list_tickets", """{"status":"resolved"}""", "unresolved")]
    [InlineData("List customers with more than 10 orders.", "run_sql", """{"query":"SELECT id FROM customers WHERE orders < 10"}""", "more than 10")]
    [InlineData("Liste die Rechnungen vor 2026-04-01.", "run_sql", """{"query":"SELECT id FROM invoices WHERE due > '2026-04-01'"}""", "vor 2026-04-01")]
    [InlineData("Show all inactive users.", "list_users", """{"status":"active"}""", "inactive")]
    public async Task A_filter_with_the_opposite(string request, string tool, string arguments, string says) =>
        Says(await AnalyzeAsync([User(request), .. Call(tool, arguments, """[{"id":31},{"id":37}]"""), Answer("There are two: 31 and 37.")]), says, "which is the opposite");

    [Theory]
    [InlineData("List the unpaid invoices.", """{"query":"SELECT id FROM invoices WHERE status = 'unpaid'"}""")]
    [InlineData("List the unpaid invoices.", """{"query":"SELECT id FROM invoices WHERE NOT status = 'paid'"}""")]
    [InlineData("List the unpaid invoices.", """{"query":"SELECT id FROM invoices WHERE status <> 'paid'"}""")]
    [InlineData("How do unpaid invoices compare with paid ones?", """{"query":"SELECT id FROM invoices WHERE status = 'paid'"}""")]
    [InlineData("List customers with more than 10 orders.", """{"query":"SELECT id FROM customers WHERE orders > 10"}""")]
    [InlineData("List customers with no more than 10 orders.", """{"query":"SELECT id FROM customers WHERE orders <= 10"}""")]
    [InlineData("List customers that ordered more than 10 days ago.", """{"query":"SELECT id FROM customers WHERE age < 10"}""")]
    [InlineData("List the paid invoices.", """{"query":"SELECT id FROM invoices WHERE status = 'paid'"}""")]
    public async Task The_filter_as_it_was_wanted_is_well(string request, string arguments) =>
        IsWell(await AnalyzeAsync([User(request), .. Call("run_sql", arguments, """[{"id":31},{"id":37}]"""), Answer("There are two: 31 and 37.")]));

    [Theory]
    [InlineData("Ship it to Tom Brandt, 15 Mill Lane, Dunmore.", "Wait, Tom moved: his address is now 8 Hazel Road, Dunmore.", """{"address":"15 Mill Lane, Dunmore"}""", "8 Hazel Road")]
    [InlineData("Schick es an den Lindenweg 4 in Kiel.", "Korrektur: Ahornallee 12 in Kiel.", """{"address":"Lindenweg 4, Kiel"}""", "Ahornallee 12")]
    [InlineData("Ship it to 15 Mill Lane, Dunmore.", "Correction: send it to 8 Hazel Road, Dunmore, not 15 Mill Lane.", """{"address":"15 Mill Lane, Dunmore"}""", "8 Hazel Road")]
    [InlineData("Send it to ann@lumen.io.", "Sorry, wrong address. Use ann.lee@lumen.io.", """{"to":"ann@lumen.io"}""", "in its place")]
    public async Task An_address_that_was_put_right(string first, string then, string arguments, string says) =>
        Says(await AnalyzeAsync([User(first), Answer("Shall I go on?"), User(then), .. Call("create_shipment", arguments, Ok), Answer("It is on its way.")]), says);

    [Theory]
    [InlineData("Ship it to Tom Brandt, 15 Mill Lane, Dunmore.", "Wait, Tom moved: his address is now 8 Hazel Road, Dunmore.", """{"address":"8 Hazel Road, Dunmore"}""")]
    [InlineData("Ship it to Tom Brandt, 15 Mill Lane, Dunmore.", "And another one to 8 Hazel Road, Dunmore, instead of the belt.", """{"address":"15 Mill Lane, Dunmore"}""")]
    [InlineData("Ship it to Tom Brandt, 15 Mill Lane, Dunmore.", "Actually, by express.", """{"address":"15 Mill Lane, Dunmore"}""")]
    public async Task The_right_address_or_a_second_one_is_well(string first, string then, string arguments) =>
        IsWell(await AnalyzeAsync([User(first), Answer("Shall I go on?"), User(then), .. Call("create_shipment", arguments, Ok), Answer("It is on its way.")]));
}
