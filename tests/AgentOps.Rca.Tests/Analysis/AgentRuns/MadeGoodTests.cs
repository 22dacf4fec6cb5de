using System.Text.Json;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>
/// Failures that were looked into, gone around or told, and those that were not; answers that were made up after nothing came back; results about other records than were asked for, and values that
/// stand for none. Beside each kind of fault stand runs that look like it and are well.
/// </summary>
public sealed class MadeGoodTests : ToldRunBench
{
    [Theory]
    [InlineData("list_transfers", """{"account":"A-310"}""", """{"transfers":[]}""")]
    [InlineData("get_transfer_status", """{"account":"A-310"}""", "No transfer found.")]
    [InlineData("list_transfers", """{"day":"today"}""", """{"transfers":[{"account":"A-77","amount":12}]}""")]
    public async Task Who_looks_whether_it_went_through_may_try_again(string tool, string arguments, string result)
    {
        object[] first = Call("make_transfer", """{"account":"A-310","amount":2300}""", """{"error":"gateway timeout"}""");
        object[] second = Call("make_transfer", """{"account":"A-310","amount":2300}""", """{"id":"T-9","status":"done"}""");
        object[] end = [Answer("2300 have been transferred to A-310 (T-9).")];
        IsWell(await AnalyzeAsync([User("Transfer 2300 to A-310."), .. first, .. Call(tool, arguments, result), .. second, .. end]));
        Says(await AnalyzeAsync([User("Transfer 2300 to A-310."), .. first, .. second, .. end]), "may have gone through");
        Says(await AnalyzeAsync([User("Transfer 2300 to A-310."), .. first, .. Call("list_transfers", "{}", """{"transfers":[{"account":"A-310","amount":2300}]}"""), .. second, .. end]), "may have gone through");
    }

    [Theory]
    [InlineData("We have no shipping date for it yet.")]
    [InlineData("A date of shipping is not known.")]
    [InlineData("Ein Versanddatum ist noch nicht bekannt, es gibt keine Angabe.")]
    [InlineData("発送日は未定です。")]
    public async Task That_there_is_none_may_be_told(string answer)
    {
        object[] call = Call("get_shipping_date", """{"order":"O-7"}""", """{"order":"O-7","shipping_date":null}""");
        IsWell(await AnalyzeAsync([User("When is O-7 shipped?"), .. call, Answer(answer)]));
        Says(await AnalyzeAsync([User("When is O-7 shipped?"), .. call, Answer("It is shipped within the usual time.")]), "returned null for “shipping_date”");
    }

    [Fact]
    public async Task What_is_gone_may_be_replaced_by_another_that_was_found_and_told()
    {
        object[] search = Call("search_rooms", """{"city":"Bergen"}""", """{"rooms":[{"id":"R-11"},{"id":"R-12"}]}""");
        object[] gone = Call("book_room", """{"room_id":"R-11"}""", """{"error":"sold_out","message":"no rooms left"}""");
        object[] taken = Call("book_room", """{"room_id":"R-12"}""", """{"booking":"B-5512"}""");
        IsWell(await AnalyzeAsync([User("Book me a room in Bergen."), .. search, .. gone, .. taken, Answer("R-11 var opptatt, så rommet er R-12: B-5512.")]));

        // Who named it wanted it, and who is told nothing of another one has got none.
        Says(await AnalyzeAsync([User("Book me room R-11 in Bergen."), .. search, .. gone, .. taken, Answer("Rommet er reservert: B-5512.")]), "sold_out");
        Says(await AnalyzeAsync([User("Book me a room in Bergen."), .. search, .. gone, Answer("Your room has been booked.")]), "speaks of success all the same");
    }

    [Fact]
    public async Task An_error_that_has_nothing_to_do_with_the_work_may_be_told_and_left()
    {
        object[] edit = Call("edit_file", """{"path":"src/a.ts","old":"a","new":"b"}""", "ok");
        object[] check = Call("bash", """{"command":"npx tsc --noEmit"}""", """{"exit_code":2,"output":"src/legacy/old.ts(3,1): error TS2304: Cannot find name 'jQuery'."}""");
        IsWell(await AnalyzeAsync([User("Rename a to b in src."), .. edit, .. check, Answer("Renamed. The type check shows one error in src/legacy/old.ts, which is unrelated to it.")]));
        IsWell(await AnalyzeAsync([User("Rename a to b in src."), .. edit, .. check, Answer("Renamed. src/legacy/old.ts was already failing before my change.")]));
        Says(await AnalyzeAsync([User("Rename a to b in src."), .. edit, .. check, Answer("Renamed successfully; the type check passed.")]), "TS2304");
    }

    [Fact]
    public async Task A_command_that_did_not_bring_about_what_the_answer_says()
    {
        object[] roll = Call("bash", """{"command":"./deploy/rollout.sh staging"}""", """{"exit_code":1,"output":"error: progress deadline exceeded\nImagePullBackOff registry.test/shop:3.1 not found"}""");
        object[] commit = Call("bash", """{"command":"git commit -am 'staging: 3.1'"}""", """{"exit_code":0,"output":"[main 41fe0a2] staging: 3.1"}""");
        Says(await AnalyzeAsync([User("Deploy shop 3.1 to staging."), .. roll, .. commit, Answer("shop 3.1 is deployed to staging.")]), "speaks of success all the same");
        IsWell(await AnalyzeAsync([User("Deploy shop 3.1 to staging."), .. roll, .. commit, .. Call("bash", """{"command":"./deploy/rollout.sh staging"}""", """{"exit_code":0,"output":"rolled out"}"""), Answer("shop 3.1 is deployed to staging.")]));
        IsWell(await AnalyzeAsync([User("Make the tests pass."), .. Call("bash", """{"command":"cat notes.txt"}""", """{"exit_code":1,"output":"cat: notes.txt: not found"}"""), .. commit, Answer("All tests pass now, and the notes are updated.")]));
    }

    [Fact]
    public async Task Another_search_answers_the_question_of_one_that_was_refused()
    {
        object[] refused = Call("scholar_search", """{"q":"Attention is all you need"}""", """{"error":"rate limited"}""");
        IsWell(await AnalyzeAsync([User("When did 'Attention is all you need' appear?"), .. refused, .. Call("web_search", """{"q":"Attention is all you need year"}""", """{"results":[{"title":"Attention Is All You Need","year":2017}]}"""), Answer("It appeared in 2017.")]));
    }

    [Fact]
    public async Task Figures_that_come_from_nowhere_after_all_had_failed_are_the_cause()
    {
        object[] failed = Call("get_rate", """{"pair":"EUR/CHF"}""", """{"error":"service unavailable"}""");
        object[] empty = Call("web_search", """{"q":"EUR CHF rate"}""", """{"results":[]}""");
        object[] ask = [User("What is the EUR/CHF rate?"), .. failed, .. empty];
        Says(await AnalyzeAsync([.. ask, Answer("1 EUR is 0.9412 CHF.")]), "0.9412");
        Assert.DoesNotContain("0.9412", (await AnalyzeAsync([.. ask, Answer("I could not find the rate; it was 0.9412 when I was trained.")])).RootCause ?? "", StringComparison.Ordinal);
        Assert.DoesNotContain("anything that the run had seen", (await AnalyzeAsync([User("What is 2.5 plus 4.75?"), .. Call("calculate", """{"e":"2.5+4.75"}""", """{"error":"service unavailable"}"""), Answer("It is 7.25.")])).RootCause ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Figures_that_stand_in_nothing_that_a_search_found_about_something_else()
    {
        object[] found = Call("search_documents", """{"query":"warranty period induction hob"}""", """[{"text":"Opening hours of our shops in Bergen and Oslo."},{"text":"How to reset a forgotten password."}]""");
        Says(await AnalyzeAsync([User("How long is the warranty of the induction hob?"), .. found, Answer("The warranty of the hob is 5 years.")]), "returned nothing about it");
        IsWell(await AnalyzeAsync([User("How long is the warranty of the induction hob?"), .. found, Answer("I found nothing about the warranty of the hob.")]));
        IsWell(await AnalyzeAsync([User("Wie lange ist die Garantie?"), .. Call("search_documents", """{"query":"Garantie Dauer Kochfeld"}""", """[{"text":"All hobs come with a warranty of 5 years."}]"""), Answer("Die Garantie beträgt 5 years.")]));
    }

    [Theory]
    [InlineData("get_order", """{"order_id":100482}""", """{"order_id":100428,"status":"shipped"}""", "100428")]
    [InlineData("get_order", """{"order_id":"100482"}""", """{"order":{"id":"100428","status":"shipped"}}""", "100428")]
    [InlineData("memory_search", """{"user_id":"u-204","query":"food"}""", """{"items":[{"user_id":"u-240","text":"likes fish"},{"user_id":"u-240","text":"no nuts"}]}""", "u-240")]
    [InlineData("read_policy", """{"requested_version":"v11"}""", """{"version":"v3","days":14}""", "v3")]
    public async Task What_belongs_to_another_record_is_a_cause(string tool, string arguments, string result, string other) =>
        Says(await AnalyzeAsync([User("Please look it up."), .. Call(tool, arguments, result), Answer("Here it is.")]), $"returned what belongs to “{other}”");

    [Theory]
    [InlineData("get_order", """{"order_id":"100482"}""", """{"order_id":"0000100482"}""")]
    [InlineData("get_customer", """{"customer_id":"C-17"}""", """{"customer_id":"C-90","merged_from":["C-17"]}""")]
    [InlineData("get_customer", """{"id":"ola7@mail.test"}""", """{"id":9931,"name":"Ola"}""")]
    [InlineData("list_orders", """{"customer_id":"C-17"}""", """{"orders":[]}""")]
    [InlineData("create_copy", """{"document_id":"D-17"}""", """{"document_id":"D-18"}""")]
    [InlineData("get_order", """{"order_id":"100482","request_id":"r-1"}""", """{"order_id":"100482","request_id":"r-2"}""")]
    [InlineData("get_parcel", """{"tracking_number":"TN-55120"}""", """{"status":"in Oslo"}""")]
    public async Task The_same_record_under_another_form_is_well(string tool, string arguments, string result) =>
        IsWell(await AnalyzeAsync([User("Please look it up."), .. Call(tool, arguments, result), Answer("Here it is.")]));

    [Fact]
    public async Task A_value_that_stands_for_none_is_no_measurement()
    {
        object[] call = Call("get_forecast", """{"lat":60.39}""", """{"temp_c":-999,"precip_mm":-999}""");
        Says(await AnalyzeAsync([User("How is the weather in Bergen?"), .. call, Answer("It will have -999 °C and no rain.")]), "stands for a value that is missing");
        IsWell(await AnalyzeAsync([User("How is the weather in Bergen?"), .. call, Answer("There is no forecast for Bergen.")]));
        IsWell(await AnalyzeAsync([User("What is -999 plus 0?"), .. Call("calculate", """{"e":"-999+0"}""", """{"value":-999}"""), Answer("It is -999.")]));
    }

    [Theory]
    [InlineData("Die Buchung wurde für den 3. Mai storniert.", true)]
    [InlineData("J'ai bien annulé la réservation.", true)]
    [InlineData("La reserva ha sido cancelada.", true)]
    [InlineData("予約をキャンセルしました。", true)]
    [InlineData("A reserva foi cancelada.", true)]
    [InlineData("La prenotazione è stata cancellata.", true)]
    [InlineData("De boeking is nu geannuleerd.", true)]
    [InlineData("Bestillingen er nå slettet.", true)]
    [InlineData("Bokningen är nu avbokad.", true)]
    [InlineData("Bestillingen er nu slettet.", true)]
    [InlineData("已取消预订。", true)]
    [InlineData("Infelizmente não foi possível cancelar.", false)]
    [InlineData("Purtroppo non è stato possibile cancellare.", false)]
    [InlineData("Helaas is het niet gelukt.", false)]
    [InlineData("Dessverre kunne ikke bestillingen avbestilles.", false)]
    [InlineData("Tyvärr misslyckades avbokningen.", false)]
    [InlineData("Desværre mislykkedes afbestillingen.", false)]
    [InlineData("抱歉，无法取消预订。", false)]
    [InlineData("Leider konnte ich die Buchung nicht stornieren.", false)]
    [InlineData("Je n'ai pas pu annuler la réservation.", false)]
    [InlineData("No se pudo cancelar la reserva.", false)]
    [InlineData("申し訳ありませんが、キャンセルできませんでした。", false)]
    public async Task What_the_answer_makes_of_a_failure_is_heard_in_other_languages_too(string answer, bool isClaimed)
    {
        var report = await AnalyzeAsync([User("Storno AB-1234 / cancel AB-1234."), .. Call("cancel_booking", """{"id":"AB-1234"}""", """{"error":"upstream failed"}"""), Answer(answer)]);
        Assert.Equal(isClaimed, report.RootCause?.Contains("speaks of success all the same", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"weight":176.4,"unit":"lb"}""", """{"weight_kg":176.4}""", "176.4 lb")]
    [InlineData("""{"wait_sec":45}""", """{"timeout_ms":45}""", "45 s")]
    [InlineData("""{"distance":"120 km"}""", """{"distance":120,"unit":"mi"}""", "120 km")]
    public async Task A_number_that_is_carried_over_into_another_unit(string result, string given, string had) =>
        Says(await AnalyzeAsync([User("Work it out."), .. Call("read_scale", "{}", result), .. Call("calculate_dose", given, """{"ok":true}"""), Answer("It is worked out.")]), $"had returned the number as {had}");

    [Theory]
    [InlineData("""{"weight":176.4,"unit":"lb"}""", """{"weight_kg":80.0}""")]
    [InlineData("""{"weight":176.4,"unit":"lb"}""", """{"weight_lb":176.4}""")]
    [InlineData("""{"weight":176.4,"unit":"lb","height_cm":180}""", """{"length_mm":1800}""")]
    [InlineData("""{"wait_sec":45,"retry_ms":45}""", """{"timeout_ms":45}""")]
    public async Task A_number_that_is_converted_or_stays_in_its_unit_is_well(string result, string given) =>
        IsWell(await AnalyzeAsync([User("Work it out."), .. Call("read_scale", "{}", result), .. Call("calculate_dose", given, """{"ok":true}"""), Answer("It is worked out.")]));

    [Theory]
    [InlineData("Please move my appointment AP-41 to Monday.", true)]
    [InlineData("Bitte verschieben Sie den Termin AP-41 auf Montag.", true)]
    [InlineData("Please move AP-41 to Monday, or cancel it if that is not possible.", false)]
    [InlineData("Show me AP-41.", false)]
    [InlineData("Please move AP-7 to Monday.", false)]
    public async Task What_was_to_be_moved_and_was_cancelled(string request, bool isFault)
    {
        object[] cancelled = Call("cancel_appointment", """{"id":"AP-41"}""", """{"id":"AP-41","status":"cancelled"}""");
        var report = await AnalyzeAsync([User(request), .. cancelled, Answer("It is taken care of.")]);
        Assert.Equal(isFault, report.RootCause?.Contains("nobody spoke of it", StringComparison.Ordinal) == true);
        IsWell(await AnalyzeAsync([User(request), .. cancelled, .. Call("book_appointment", """{"day":"Monday"}""", """{"id":"AP-42"}"""), Answer("It is on Monday now: AP-42.")]));
    }

    [Theory]
    [InlineData("select category, sum(amount) from orders group by category", true)]
    [InlineData("select category, sum(amount) from orders where state <> 'returned' group by category", false)]
    [InlineData("select category, sum(amount) from orders where state in ('paid','sent') group by category", false)]
    public async Task Rows_that_were_to_be_left_out(string statement, bool isFault)
    {
        object[] known = Call("describe_table", """{"table":"orders"}""", """{"columns":["category","amount","state"],"states":["paid","sent","returned"]}""");
        object[] query = Call("run_sql", JsonSerializer.Serialize(new { query = statement }), """{"rows":[["Garden",918.5]]}""");
        var report = await AnalyzeAsync([User("Sales by category, excluding returned orders."), .. known, .. query, Answer("Garden sold 918.50.")]);
        Assert.Equal(isFault, report.RootCause?.Contains("those rows are among", StringComparison.Ordinal) == true);
        IsWell(await AnalyzeAsync([User("Sales by category without further ado."), .. known, .. query, Answer("Garden sold 918.50.")]));
    }

    [Fact]
    public async Task A_sentence_is_cut_before_an_address_and_not_within()
    {
        var report = await AnalyzeAsync([User("Please look up what we have agreed on with the customer about the late delivery of the two machines, and ask olivia.brandt@fastmail.test whether that is still so."), Answer("It is still so.")]);
        Assert.Contains("and ask …", report.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain("olivia", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_with_an_exponent_beyond_what_is_compared_ends_no_analysis()
    {
        object[] Ask(string city) => Call("get_sales", $$"""{"city":"{{city}}","least":0e99999999999}""", """{"sales":21}""");
        IsWell(await AnalyzeAsync([User("How did Porto and Braga sell?"), .. Ask("Porto"), .. Ask("Braga"), Answer("Both sold 21.")]));
    }

    [Fact]
    public async Task The_same_question_without_an_answer_again_and_again_is_a_loop()
    {
        object[] Search() => Call("search", """{"q":"revenue Halden"}""", """{"results":[]}""");
        object[] five = [.. Search(), .. Search(), .. Search(), .. Search(), .. Search()];
        Says(await AnalyzeAsync([User("What is the revenue of Halden?"), .. five, Answer("I could not find it.")]), "was called 5 times with the same arguments");
        IsWell(await AnalyzeAsync([User("What is the revenue of Halden?"), .. Search(), .. Call("search", """{"q":"Halden annual report"}""", """{"results":[]}"""), Answer("I could not find it.")]));
    }
}
