namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>Changes of or for something else than the user meant: made-up addresses, mistyped ids and days, what was overruled, another row of a search, whom the user had excluded.</summary>
public sealed class WrongTargetTests : ToldRunBench
{
    private const string Ok = """{"ok":true}""";

    [Theory]
    [InlineData("Send the contract to our landlord, Pia Lund.", "find_contact", """{"name":"Pia Lund","email":null}""", "send_email", """{"to":"pia.lund@outlook.com","subject":"Contract"}""", "as to, an address")]
    [InlineData("Invite Noor to the review on Monday.", "find_person", """{"people":[]}""", "create_event", """{"title":"Review","attendees":["noor@contoso.com"]}""", "as attendees, an address")]
    [InlineData("Bitte teile den Ordner mit der Steuerberaterin.", "suche_kontakt", """{"name":"Kanzlei Wolff","telefon":"+49 30 998877"}""", "share_folder", """{"folder":"F-9","recipient":"info@kanzlei-wolff.de"}""", "as recipient, an address")]
    [InlineData("Text the plumber that I am late.", "get_contact", """{"name":"Ray's Plumbing","phone":null}""", "send_sms", """{"phone":"+1 415 555 0134 22","message":"Running late"}""", "as phone, a phone number")]
    [InlineData("Überweise die Miete an Herrn Adler.", "get_payee", """{"name":"Adler","iban":null}""", "pay_bill", """{"iban":"DE89370400440532013000","amount":900}""", "as iban, an account")]
    public async Task An_address_that_nobody_gave_is_made_up(string request, string lookup, string found, string tool, string arguments, string says) =>
        Says(await AnalyzeAsync([User(request), .. Call(lookup, """{"q":"x"}""", found), .. Call(tool, arguments, """{"status":"sent"}"""), Answer("It has been sent.")]), says, "does not occur in anything");

    [Theory]
    [InlineData("Send it to pia.lund@outlook.com.", """{"name":"Pia Lund"}""", """{"to":"Pia.Lund@outlook.com"}""")]
    [InlineData("Send it to Pia, pia dot lund at outlook dot com.", """{"name":"Pia Lund"}""", """{"to":"pia.lund@outlook.com"}""")]
    [InlineData("Send it to Pia Lund in sales.", """{"people":[{"name":"Ola Berg","email":"ola.berg@fjord.no"}]}""", """{"to":"pia.lund@fjord.no"}""")]
    [InlineData("Send it to Pia Lund. Our addresses have the format name.surname at the company.", """{"company":"Fjord"}""", """{"to":"pia.lund@fjord.no"}""")]
    [InlineData("Send it to her gmail, the part before is pia.lund.", """{"x":1}""", """{"to":"pia.lund@gmail.com"}""")]
    [InlineData("Call my office, 612 440 918.", """{"x":1}""", """{"to":"+34612440918"}""")]
    [InlineData("Send a test mail to any placeholder address.", """{"x":1}""", """{"to":"someone@example.com"}""")]
    [InlineData("Send it to Pia.", """{"contact":"Pia Lund <pia@lund.se>"}""", """{"to":["pia@lund.se"]}""")]
    public async Task An_address_that_was_given_in_any_form_is_well(string request, string found, string arguments) =>
        IsWell(await AnalyzeAsync([User(request), .. Call("find_contact", """{"q":"x"}""", found), .. Call("send_message", arguments, """{"status":"sent"}"""), Answer("It has been sent.")]));

    [Fact]
    public async Task An_address_that_the_agent_proposed_and_the_user_agreed_to_is_well() => IsWell(await AnalyzeAsync(
        [User("Send it to Pia Lund."), .. Call("find_contact", """{"q":"Pia"}""", """{"email":null}"""), Answer("Shall I use pia.lund@outlook.com?"), User("Yes."), .. Call("send_email", """{"to":"pia.lund@outlook.com"}""", Ok), Answer("Sent.")]));

    [Theory]
    [InlineData("Refund ticket 730915, please.", "refund_ticket", """{"ticket_id":"730951"}""", "730951")]
    [InlineData("Bitte sperren Sie die Karte 4417 8820 1193 0056.", "lock_card", """{"card_number":"4417882011930065"}""", "4417882011930065")]
    [InlineData("Quiero anular la reserva 55821.", "anular_reserva", """{"reservation_code":"55827"}""", "55827")]
    [InlineData("Close case 90417 for me.", "close_case", """{"case_no":"90174"}""", "90174")]
    [InlineData("Cancel order 48213.", "cancel_order", """{"order_id":"50917"}""", "50917")]
    [InlineData("Please pause policy PX-20931.", "pause_policy", """{"policy_id":"PX-20913"}""", "PX-20913")]
    public async Task A_number_of_a_record_that_is_one_slip_beside_the_users_is_mistyped(string request, string tool, string arguments, string given) =>
        Says(await AnalyzeAsync([User(request), .. Call(tool, arguments, Ok), Answer("Done.")]), given, "stands in nothing");

    [Theory]
    [InlineData("Refund ticket 730915, please.", "refund_ticket", """{"ticket_id":"730915"}""")]
    [InlineData("Refund tickets 730915 to 730951.", "refund_ticket", """{"ticket_id":"730916"}""")]
    [InlineData("My last invoice was 20311, make the next one.", "issue_invoice", """{"invoice_number":"20312"}""")]
    [InlineData("Transfer 1250 EUR from account 88120345.", "transfer", """{"amount":1250,"account":"88120345","timeout":1205}""")]
    [InlineData("Cancel both orders, 48213 and 48231.", "cancel_order", """{"order_id":"48231"}""")]
    [InlineData("Order 3 more of article 40112.", "order_article", """{"article":"40112","customer_id":"91770"}""")]
    public async Task A_number_that_is_the_users_or_of_something_else_is_well(string request, string tool, string arguments) =>
        IsWell(await AnalyzeAsync([User(request), .. Call(tool, arguments, Ok), Answer("Done.")]));

    [Theory]
    [InlineData("Reserve the hall for 7 June 2026.", "reserve_hall", """{"date":"2026-06-08"}""", "2026-06-08")]
    [InlineData("Bitte einen Ölwechsel am 21. Oktober 2026 eintragen.", "book_service", """{"appointment_date":"2026-10-22"}""", "21. Oktober 2026")]
    [InlineData("Je voudrais un vol pour Lyon le 3 août 2026.", "search_flights", """{"departure_date":"2026-08-02"}""", "3 août 2026")]
    [InlineData("Reserva la pista el 9 de mayo.", "book_court", """{"date":"2026-05-10","hour":18}""", "9 de mayo")]
    [InlineData("Reserve the hall for the 9th of April, please.", "reserve_hall", """{"date":"2026-04-10"}""", "9th of April")]
    [InlineData("5月12日に会議室を予約してください。", "book_room", """{"date":"2026-05-13","room":"A"}""", "5月12日")]
    public async Task A_day_beside_the_only_one_that_the_user_said_is_mistyped(string request, string tool, string arguments, string says) =>
        Says(await AnalyzeAsync([User(request), .. Call(tool, arguments, Ok), Answer("Done.")]), says, "a day that nothing in the run had named");

    [Theory]
    [InlineData("Reserve the hall for 7 June 2026.", """{"date":"2026-06-07"}""")]
    [InlineData("Reserve the hall for 7 June 2026 or the day after.", """{"date":"2026-06-08"}""")]
    [InlineData("Reserve the hall around 7 June 2026.", """{"date":"2026-06-08"}""")]
    [InlineData("Reserve the hall after 7 June 2026.", """{"date":"2026-06-08"}""")]
    [InlineData("Reserve the hall from 7 June to 9 June 2026.", """{"date":"2026-06-08"}""")]
    [InlineData("Die Feier ist am 7. Juni 2026, reserviere den Saal am Tag davor, also am Vortag.", """{"date":"2026-06-06"}""")]
    [InlineData("A room for the night of 7 June 2026.", """{"checkin":"2026-06-07","checkout":"2026-06-08"}""")]
    [InlineData("Reserve the hall for 7 June 2026, I am flexible.", """{"date":"2026-06-08"}""")]
    [InlineData("My ticket was bought on 7 June 2026, reserve the hall when it suits.", """{"date":"2026-06-08"}""")]
    [InlineData("It has to be there on 7 June 2026.", """{"ship_date":"2026-06-05"}""")]
    [InlineData("I arrive on 7 June 2026 late, so I need the hall for the next night.", """{"date":"2026-06-08"}""")]
    [InlineData("Reserve the hall for 7/6/2026.", """{"date":"2026-06-08"}""")]
    [InlineData("Reserve the hall for 7 June 2026, 11 pm my time zone.", """{"date":"2026-06-08"}""")]
    public async Task A_day_that_may_move_or_is_another_one_is_well(string request, string arguments) =>
        IsWell(await AnalyzeAsync([User(request), .. Call("reserve_hall", arguments, Ok), Answer("Done.")]));

    [Fact]
    public async Task A_day_that_was_offered_or_is_tried_after_the_users_is_well()
    {
        IsWell(await AnalyzeAsync([User("Reserve the hall for 7 June 2026."), .. Call("get_free_days", """{"month":6}""", """{"free":["2026-06-08"]}"""), .. Call("reserve_hall", """{"date":"2026-06-08"}""", Ok), Answer("Only 8 June was free.")]));
        IsWell(await AnalyzeAsync([User("Reserve the hall for 7 June 2026."), .. Call("check_hall", """{"date":"2026-06-07"}""", """{"free":false}"""), .. Call("check_hall", """{"date":"2026-06-08"}""", """{"free":true}"""), Answer("It is taken on 7 June; 8 June would be free.")]));
    }

    [Theory]
    [InlineData("A table for 5 people at Lido, please.", "Sorry, make it 7 people.", "reserve_table", """{"party_size":5}""", "7 people")]
    [InlineData("Bitte ein Zimmer für 2 Nächte.", "Doch lieber 3 Nächte.", "book_room", """{"nights":2}""", "3 Nächte")]
    [InlineData("Set up the demo at 14:00.", "Actually, 15:30 instead.", "create_meeting", """{"time":"14:00"}""", "15:30")]
    [InlineData("Mesa para 4 personas.", "Perdón, somos 6 personas.", "make_reservation", """{"guests":4}""", "somos 6")]
    [InlineData("Book the van for 4 May 2026.", "Change it to 6 May 2026, please.", "book_van", """{"date":"2026-05-04"}""", "6 May 2026")]
    public async Task What_the_user_had_put_in_the_place_of_the_first_is_done(string first, string then, string tool, string arguments, string says) =>
        Says(await AnalyzeAsync([User(first), Answer("Shall I go ahead?"), User(then), .. Call(tool, arguments, Ok), Answer("Done.")]), "as the user had said first", says);

    [Theory]
    [InlineData("A table for 5 people at Lido, please.", "Sorry, make it 7 people.", "reserve_table", """{"party_size":7}""")]
    [InlineData("A table for 5 people at Lido, please.", "Actually, also one for 7 people.", "reserve_table", """{"party_size":5}""")]
    [InlineData("A table for 5 people at Lido, please.", "Sorry, is 7 people possible?", "reserve_table", """{"party_size":5}""")]
    [InlineData("Set up the demo at 14:00.", "Make it 45 minutes.", "create_meeting", """{"time":"14:00"}""")]
    public async Task What_was_changed_or_only_asked_is_well(string first, string then, string tool, string arguments) =>
        IsWell(await AnalyzeAsync([User(first), Answer("Shall I go ahead?"), User(then), .. Call(tool, arguments, Ok), Answer("Done.")]));

    [Fact]
    public async Task Who_goes_back_to_the_first_has_it_done() => IsWell(await AnalyzeAsync(
        [User("A table for 4 people."), Answer("At what time?"), User("At 7, and make it 6 people."), Answer("For 6 there is no table."), User("Then keep it at four."), .. Call("reserve_table", """{"party_size":4}""", Ok), Answer("Booked for four.")]));

    private const string Patients = """{"matches":[{"id":"PT-1","name":"Lena Maria Vogel","city":"Kiel"},{"id":"PT-2","name":"Lena Maria Voss","city":"Ulm"}]}""";

    [Theory]
    [InlineData("Please move the appointment of Lena Maria Voss to Friday.", Patients, """{"patient_id":"PT-1","day":"Friday"}""", "PT-1")]
    [InlineData("Ändere die Adresse von Frau Voss, Lena Maria Voss meine ich.", Patients, """{"patient_id":"PT-1","street":"Am Ring 4"}""", "PT-1")]
    [InlineData("Put 2 Nordic Chair Plus in my cart.", """{"items":[{"sku":"NC-1","name":"Nordic Chair","price":80.5},{"sku":"NC-2","name":"Nordic Chair Plus","price":120.5}]}""", """{"sku":"NC-1","quantity":2}""", "NC-1")]
    public async Task Another_row_than_the_user_named_was_changed(string request, string rows, string arguments, string given) =>
        Says(await AnalyzeAsync([User(request), .. Call("search", """{"q":"lena nordic"}""", rows), .. Call("update_record", arguments, Ok), Answer("Done.")]), given, "the user had named");

    [Theory]
    [InlineData("Please move the appointment of Lena Maria Voss to Friday.", Patients, """{"patient_id":"PT-2"}""")]
    [InlineData("Please move the appointment of Lena to Friday, she lives in Kiel; not Lena Maria Voss.", Patients, """{"patient_id":"PT-1"}""")]
    [InlineData("Move everything from Lena Maria Voss to her sister.", Patients, """{"patient_id":"PT-1"}""")]
    [InlineData("Link Lena Maria Voss and Lena Maria Vogel.", Patients, """{"patient_id":"PT-1","other":"PT-2"}""")]
    [InlineData("Order the Nordic Chair Plus.", """{"items":[{"sku":"NC-1","name":"Nordic Chair","in_stock":true},{"sku":"NC-2","name":"Nordic Chair Plus","in_stock":false}]}""", """{"sku":"NC-1"}""")]
    [InlineData("Order the Nordic Chair Plus or something similar.", """{"items":[{"sku":"NC-1","name":"Nordic Chair"},{"sku":"NC-2","name":"Nordic Chair Plus"}]}""", """{"sku":"NC-1"}""")]
    [InlineData("My Nordic Chair Plus broke, send me a Nordic Chair.", """{"items":[{"sku":"NC-1","name":"Nordic Chair"},{"sku":"NC-2","name":"Nordic Chair Plus"}]}""", """{"sku":"NC-1"}""")]
    [InlineData("Ask for the approval of whom Lena Maria Voss reports to.", """{"people":[{"id":"PT-1","name":"Lena Maria Vogel"},{"id":"PT-2","name":"Lena Maria Voss","lead":"PT-1"}]}""", """{"patient_id":"PT-1"}""")]
    [InlineData("Order the Nordic Chair.", """{"items":[{"sku":"NC-1","name":"Nordic Chair"},{"sku":"NC-2","name":"Nordic Chair Plus"}]}""", """{"sku":"NC-1"}""")]
    public async Task The_row_that_was_named_or_that_could_be_had_is_well(string request, string rows, string arguments) =>
        IsWell(await AnalyzeAsync([User(request), .. Call("search", """{"q":"lena nordic"}""", rows), .. Call("update_record", arguments, Ok), Answer("Done.")]));

    private const string Staff = """{"staff":[{"name":"Ines Roth","team":"Legal","email":"i.roth@nova.io"},{"name":"Paul Roth","team":"Marketing","email":"p.roth@nova.io"}]}""";

    [Theory]
    [InlineData("Share the draft with Roth from Marketing, not with Roth from Legal.", Staff, "share_file", """{"file":"D-1","with":"i.roth@nova.io"}""")]
    [InlineData("Send the minutes to everybody except i.roth@nova.io.", Staff, "send_email", """{"to":["p.roth@nova.io","i.roth@nova.io"]}""")]
    [InlineData("Envoie le rapport à Paul Roth, pas à Ines.", Staff, "send_email", """{"to":"i.roth@nova.io"}""")]
    [InlineData("Borra los correos antiguos, salvo los de i.roth@nova.io.", Staff, "delete_mails", """{"from":"i.roth@nova.io"}""")]
    [InlineData("Cancel all bookings except BK-4410.", """{"bookings":[{"id":"BK-4410","title":"Oslo"},{"id":"BK-4411","title":"Rome"}]}""", "cancel_booking", """{"booking_id":"BK-4410"}""")]
    public async Task Whom_or_what_the_user_excluded_was_taken(string request, string found, string tool, string arguments) =>
        Says(await AnalyzeAsync([User(request), .. Call("list_all", """{"q":"x"}""", found), .. Call(tool, arguments, Ok), Answer("Done.")]), "though the user had excluded it");

    [Theory]
    [InlineData("Share the draft with Roth from Marketing, not with Roth from Legal.", Staff, "share_file", """{"file":"D-1","with":"p.roth@nova.io"}""")]
    [InlineData("Send the minutes to everybody except i.roth@nova.io.", Staff, "send_email", """{"to":["p.roth@nova.io"],"exclude":["i.roth@nova.io"]}""")]
    [InlineData("Send the minutes not only to p.roth@nova.io but also to i.roth@nova.io.", Staff, "send_email", """{"to":["p.roth@nova.io","i.roth@nova.io"]}""")]
    [InlineData("Don't send it to i.roth@nova.io before Monday.", Staff, "send_email", """{"to":"i.roth@nova.io","at":"Monday"}""")]
    [InlineData("Send the plan to all, but not the budget to Ines.", Staff, "send_email", """{"to":["p.roth@nova.io","i.roth@nova.io"],"file":"plan"}""")]
    [InlineData("Don't send it to i.roth@nova.io now. Send the minutes to i.roth@nova.io.", Staff, "send_email", """{"to":"i.roth@nova.io"}""")]
    [InlineData("Invite everybody except i.roth@nova.io.", Staff, "remove_attendee", """{"email":"i.roth@nova.io"}""")]
    [InlineData("Not to Paul but to Ines, please: send her the draft.", Staff, "send_email", """{"to":"i.roth@nova.io"}""")]
    public async Task Whom_the_user_meant_or_left_out_rightly_is_well(string request, string found, string tool, string arguments) =>
        IsWell(await AnalyzeAsync([User(request), .. Call("list_all", """{"q":"x"}""", found), .. Call(tool, arguments, Ok), Answer("Done.")]));

    [Fact]
    public async Task To_look_for_what_was_excluded_is_well() => IsWell(await AnalyzeAsync(
        [
            User("Archive the old mails, except those of i.roth@nova.io."), .. Call("mail_search", """{"from":"i.roth@nova.io"}""", """{"count":4}"""),
            .. Call("mail_archive", """{"before":"2026-01-01","exclude_from":"i.roth@nova.io"}""", """{"archived":91}"""), Answer("91 mails are archived."),
        ]));
}
