using AgentOps.Rca.Analysis;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>What the run had before it and passed over: who of several was meant, an approval that was not there, what a file says of itself, what it had changed itself; and runs that only look like it.</summary>
public sealed class PassedOverTests : ToldRunBench
{
    private const string Namesakes =
        """{"hits":[{"member_id":"M-311","name":"Erik Dahl","birth_date":"1979-03-04","town":"Moss"},{"member_id":"M-872","name":"Erik Dahl","birth_date":"1979-04-03","town":"Moss"}]}""";

    [Fact]
    public async Task The_record_that_the_user_described_is_meant_and_not_its_namesake()
    {
        object[] begin = [User("Erik Dahl, born 3 April 1979. Please end my membership."), .. Call("find_member", """{"name":"Erik Dahl"}""", Namesakes)];
        Says(await AnalyzeAsync([.. begin, .. Call("end_membership", """{"member_id":"M-311"}""", """{"ended":true}"""), Answer("Your membership has ended.")]), "M-311", "M-872", "1979-04-03");

        IsWell(await AnalyzeAsync([.. begin, .. Call("end_membership", """{"member_id":"M-872"}""", """{"ended":true}"""), Answer("Your membership has ended.")]));
        IsWell(await AnalyzeAsync([.. begin, Answer("I find one born on 1979-03-04 in Moss, M-311. Is that you?"), User("Yes, I mistyped it."), .. Call("end_membership", """{"member_id":"M-311"}""", """{"ended":true}"""), Answer("Your membership has ended.")]));
        IsWell(await AnalyzeAsync([User("Erik Dahl from Moss, please end my membership."), .. Call("find_member", """{"name":"Erik Dahl"}""", Namesakes), .. Call("end_membership", """{"member_id":"M-311"}""", """{"ended":true}"""), Answer("Your membership has ended.")]));
    }

    [Theory]
    [InlineData("J-20", false)]
    [InlineData("J-21", true)]
    public async Task The_variant_that_has_all_that_was_wished_is_meant(string taken, bool isRight)
    {
        const string variants = """{"variants":[{"item_id":"J-20","options":{"size":"XL","color":"navy","lining":"cotton"},"stock":4},{"item_id":"J-21","options":{"size":"XL","color":"navy","lining":"fleece"},"stock":2},{"item_id":"J-22","options":{"size":"M","color":"navy","lining":"fleece"},"stock":9}]}""";
        var report = await AnalyzeAsync([User("Swap my jacket for size XL in navy, with fleece lining."), .. Call("list_variants", """{"product":"JK"}""", variants), .. Call("exchange_item", $$"""{"new_item":"{{taken}}"}""", """{"ok":true}"""), Answer("It is exchanged.")]);
        Action<RcaReport> check = isRight ? IsWell : static wrong => Says(wrong, "J-20", "J-21", "fleece");
        check(report);
    }

    [Fact]
    public async Task A_variant_that_is_sold_out_is_left_for_another()
    {
        const string variants = """[{"item_id":"J-20","options":{"size":"XL","color":"navy","lining":"cotton"},"stock":4},{"item_id":"J-21","options":{"size":"XL","color":"navy","lining":"fleece"},"stock":0}]""";
        IsWell(await AnalyzeAsync([User("Swap my jacket for size XL in navy, with fleece lining."), .. Call("list_variants", """{"product":"JK"}""", variants), .. Call("exchange_item", """{"new_item":"J-20"}""", """{"ok":true}"""), Answer("Fleece is sold out, so I took the navy XL with cotton.")]));
    }

    [Fact]
    public async Task A_value_of_the_users_that_no_call_was_given_was_not_taken_over()
    {
        object[] begin = [User("Move my visit to Friday, and my new number is 0171 555 2098."), .. Call("move_visit", """{"visit":"V-7","day":"2026-03-06"}""", """{"ok":true}""")];
        Says(await AnalyzeAsync([.. begin, Answer("Your visit is on Friday, and your phone number is now 0171 555 2098.")]), "your phone number is now", "none of the 1 call");

        IsWell(await AnalyzeAsync([.. begin, .. Call("update_contact", """{"phone":"+49 171 5552098"}""", """{"ok":true}"""), Answer("Your visit is on Friday, and your phone number is now 0171 555 2098.")]));
        IsWell(await AnalyzeAsync([.. begin, Answer("Your visit is on Friday. Shall your phone number now be 0171 555 2098?")]));
        IsWell(await AnalyzeAsync([.. begin, Answer("Your visit is on Friday. Your phone number is not yet changed to 0171 555 2098.")]));
    }

    [Fact]
    public async Task What_needs_an_approval_is_not_done_while_that_is_pending()
    {
        object[] begin = [System("Discounts above 20 % may be granted only after the manager has approved them."), User("Offer 30 % to D-90."), .. Call("request_approval", """{"deal":"D-90","percent":30}""", """{"approval":"A-4","deal":"D-90","state":"pending"}""")];
        var grant = Call("grant_discount", """{"deal":"D-90","percent":30}""", """{"ok":true}""");
        Says(await AnalyzeAsync([.. begin, .. grant, Answer("The discount is granted.")]), "grant_discount", "pending", "only after the manager has approved");

        IsWell(await AnalyzeAsync([.. begin, .. Call("get_approval", """{"approval":"A-4"}""", """{"approval":"A-4","state":"approved"}"""), .. grant, Answer("The discount is granted.")]));
        IsWell(await AnalyzeAsync([.. begin, Answer("It waits for the manager."), User("I am the manager, go on."), .. grant, Answer("The discount is granted.")]));
        IsWell(await AnalyzeAsync([.. begin, .. Call("notify_customer", """{"deal":"D-90","text":"We look into it."}""", """{"ok":true}"""), Answer("It waits for the manager; the customer knows.")]));
    }

    [Fact]
    public async Task A_file_that_says_that_it_is_generated_is_not_the_place_of_a_change()
    {
        object[] begin = [User("The client sends no language. Please fix it."), .. Call("read_file", """{"path":"gen/client.ts"}""", "// Code generated by apigen from spec/api.yml. DO NOT EDIT.\nexport const headers = {};\n")];
        var edit = Call("edit_file", """{"path":"gen/client.ts","old":"{}","new":"{ lang: 'en' }"}""", "1 replacement");
        Says(await AnalyzeAsync([.. begin, .. edit, Answer("The client sends the language now.")]), "gen/client.ts", "generated by apigen");

        IsWell(await AnalyzeAsync([.. begin, .. edit, Answer("The client sends the language now; note that the file is generated, so spec/api.yml has to follow.")]));
        IsWell(await AnalyzeAsync([.. begin, .. Call("edit_file", """{"path":"spec/api.yml","old":"a","new":"b"}""", "1 replacement"), .. edit, Answer("The client sends the language now.")]));
    }

    [Fact]
    public async Task The_value_from_before_a_change_of_ones_own_is_an_old_one()
    {
        object[] begin =
        [
            User("Raise the limit of C-55 to 9000 and print the letter."), .. Call("get_contract", """{"contract_id":"C-55"}""", """{"contract_id":"C-55","credit_limit":4000}"""),
            .. Call("update_contract", """{"contract_id":"C-55","credit_limit":9000}""", """{"ok":true}"""),
        ];
        Says(await AnalyzeAsync([.. begin, .. Call("print_letter", """{"contract_id":"C-55","credit_limit":4000}""", """{"letter":"L-1"}"""), Answer("The letter is printed.")]), "print_letter", "4000", "9000");
        IsWell(await AnalyzeAsync([.. begin, .. Call("print_letter", """{"contract_id":"C-55","credit_limit":9000}""", """{"letter":"L-1"}"""), Answer("The letter is printed.")]));
        IsWell(await AnalyzeAsync([.. begin, .. Call("update_contract", """{"contract_id":"C-55","credit_limit":4000}""", """{"ok":true}"""), .. Call("print_letter", """{"contract_id":"C-55","credit_limit":4000}""", """{"letter":"L-1"}"""), Answer("I set it back and printed the letter.")]));
    }

    [Fact]
    public async Task Places_of_a_template_that_nothing_filled_leave_the_model_without_what_it_needs()
    {
        Says(await AnalyzeAsync(System("You write offers. The highest rebate is {{customer.max_rebate}} percent."), User("Write an offer for Berg AG."), Answer("We offer 40 percent.")), "{{customer.max_rebate}}", "not filled");
        IsWell(await AnalyzeAsync(System("You fill templates: replace {{name}} by the customer's name."), User("Fill it for Berg."), Answer("Dear Berg")));
        IsWell(await AnalyzeAsync(System("You write newsletters."), User("Begin with Hello {{first_name}}."), Answer("Hello {{first_name}}, spring is here.")));
    }

    [Fact]
    public async Task A_limit_for_everything_holds_for_the_sum()
    {
        object[] begin =
        [
            User("Plan the party: at most 500 euros in total."), .. Call("book_room", """{"offer":"R1"}""", """{"ok":true,"price":320}"""), Answer("The room is booked for 320. A band?"), User("Yes."),
        ];
        Says(await AnalyzeAsync([.. begin, .. Call("book_band", """{"offer":"B1"}""", """{"ok":true,"price":260}"""), Answer("The band is booked.")]), "580", "500 euros in total");
        IsWell(await AnalyzeAsync([.. begin, .. Call("book_band", """{"offer":"B2"}""", """{"ok":true,"price":150}"""), Answer("The band is booked.")]));
        IsWell(await AnalyzeAsync([.. begin, Answer("With the band at 260 it comes to 580, which exceeds your limit. Shall I?"), User("Yes, it is worth it."), .. Call("book_band", """{"offer":"B1"}""", """{"ok":true,"price":260}"""), Answer("The band is booked.")]));
    }

    [Fact]
    public async Task A_job_that_failed_for_some_is_not_done_for_all()
    {
        object[] begin = [User("Rotate the keys of all six nodes."), .. Call("run_job", """{"job":"rotate","nodes":["n1","n2","n3","n4","n5","n6"]}""", """{"job":"J1","summary":{"changed":5,"failed":1}}""")];
        Says(await AnalyzeAsync([.. begin, Answer("The keys of all six nodes are rotated."), User("Thanks.")]), "run_job", "all six nodes");
        IsWell(await AnalyzeAsync([.. begin, Answer("Five of all six nodes are rotated, one failed."), User("Thanks.")]));
    }

    [Fact]
    public async Task Records_under_each_others_ids_are_exchanged()
    {
        const string crossed = """{"levels":[{"tank_id":"T-1","reading":{"tank_id":"T-2","litres":400}},{"tank_id":"T-2","reading":{"tank_id":"T-1","litres":90}}]}""";
        Says(await AnalyzeAsync([User("How full are the tanks T-1 and T-2?"), .. Call("read_levels", """{"tanks":["T-1","T-2"]}""", crossed), Answer("T-1 holds 400 litres and T-2 holds 90.")]), "read_levels", "under T-1 stands the record of T-2");
        IsWell(await AnalyzeAsync([User("Which tanks are joined?"), .. Call("list_links", """{}""", """{"links":[{"tank_id":"T-1","neighbour":{"tank_id":"T-2"}},{"tank_id":"T-3","neighbour":{"tank_id":"T-4"}}]}"""), Answer("T-1 with T-2, T-3 with T-4.")]));
    }

    [Fact]
    public async Task Nothing_in_all_of_it_cannot_be_known_from_the_first_page()
    {
        object[] begin = [User("Is a ground-floor flat free in May?"), .. Call("search_flats", """{"month":"2026-05","page":1}""", """{"page":1,"page_size":2,"total":9,"flats":[{"id":"F1","floor":3},{"id":"F2","floor":2}]}""")];
        Says(await AnalyzeAsync([.. begin, Answer("I looked through all flats of May: none is on the ground floor.")]), "search_flats", "total = 9");
        IsWell(await AnalyzeAsync([.. begin, Answer("On the first page none of all the flats is on the ground floor; there are more pages.")]));
    }

    [Fact]
    public async Task Instructions_that_keep_the_tests_hold_whatever_else_was_changed()
    {
        object[] begin =
        [
            System("Change what a test expects only if the user says that the behaviour changes."), User("Sums are off by a cent. Find out why and fix it."), .. Call("run", """{"command":"npm test"}""", "FAIL test/sum.test.ts\n  Expected: 60\n  Received: 59\nTests: 1 failed"),
            .. Call("edit_file", """{"path":"test/sum.test.ts","old":"expect(sum(x)).toBe(60)","new":"expect(sum(x)).toBe(59)"}""", "1 replacement"), .. Call("edit_file", """{"path":"src/sum.ts","old":"a","new":"b"}""", "1 replacement"),
        ];
        Says(await AnalyzeAsync([.. begin, Answer("Sums are right now, all is green.")]), "test/sum.test.ts".Split('/')[1], "only if the user says");
        IsWell(await AnalyzeAsync([.. begin, .. Call("run", """{"command":"npm test"}""", "Tests: 3 passed"), Answer("I changed the expectation of the test from 60 to 59, please check.")]));
    }

    [Fact]
    public async Task An_error_of_the_framework_in_a_result_is_one() =>
        Says(await AnalyzeAsync([User("Have the lawyer review C-1."), .. Call("delegate_work", """{"coworker":"Lawyer"}""", "\nError executing tool. coworker mentioned not found, it must be one of the following options:\n- analyst"), Answer("The lawyer has reviewed C-1: no objections.")]), "coworker mentioned not found");

    [Fact]
    public async Task A_hold_that_is_active_is_on_hold() =>
        IsWell(await AnalyzeAsync([User("Put the deposit of R-9 on hold."), .. Call("hold_deposit", """{"rental":"R-9","amount":300.0}""", """{"hold":"H-55","amount":300.0,"state":"active"}"""), Answer("The deposit of 300.00 EUR for R-9 is on hold (H-55).")]));

    [Fact]
    public async Task What_a_call_resolved_is_resolved_though_it_was_open_before() =>
        IsWell(await AnalyzeAsync([User("Please close INC-77."), .. Call("get_incident", """{"incident_id":"INC-77"}""", """{"incident_id":"INC-77","state":"open"}"""), .. Call("get_incident", """{"incident_id":"INC-78"}""", """{"incident_id":"INC-78","state":"new"}"""), .. Call("resolve_incident", """{"incident_id":"INC-77"}""", "ok"), Answer("INC-77 is resolved.")]));

    [Fact]
    public async Task What_a_call_gave_a_number_for_was_done() =>
        IsWell(await AnalyzeAsync([User("Clear the difference of account 19."), .. Call("post_adjustment", """{"account":"19","amount":30.5}""", """{"voucher":"JV-8816","amount":30.5,"state":"posted"}"""), Answer("I booked an adjustment of 30.50 (JV-8816).")]));

    [Fact]
    public async Task A_document_that_was_replaced_is_not_what_holds()
    {
        object[] begin =
        [
            User("How long may I return my tent?"), .. Call("search_docs", """{"query":"returns"}""", """[{"id":"RET-2019"},{"id":"RET-2026"}]"""),
            .. Call("read_doc", """{"id":"RET-2019"}""", """{"id":"RET-2019","text":"Goods may be returned within 60 days.","note":"Superseded by RET-2026 since January."}"""),
        ];
        Says(await AnalyzeAsync([.. begin, Answer("You may return it within 60 days.")]), "read_doc", "Superseded by RET-2026", "never read");
        IsWell(await AnalyzeAsync([.. begin, .. Call("read_doc", """{"id":"RET-2026"}""", """{"id":"RET-2026","text":"Goods may be returned within 30 days."}"""), Answer("You may return it within 30 days.")]));
        IsWell(await AnalyzeAsync([.. begin, Answer("The terms that I found say 60 days, but they are superseded; I could not read the newer ones.")]));
    }

    [Fact]
    public async Task A_question_is_no_yes_to_a_change()
    {
        object[] begin = [System("Before each change name the new price and get an explicit yes."), User("My data is used up each month."), .. Call("list_plans", "{}", """[{"id":"BIG-20","gb":20,"price":17}]""")];
        var change = Call("change_plan", """{"plan_id":"BIG-20"}""", """{"ok":true}""");
        object[] asked = [.. begin, Answer("Would more data help?"), User("Yes, maybe. What would 20 GB cost?")];
        Says(await AnalyzeAsync([.. asked, .. change, Answer("You have 20 GB now.")]), "change_plan", "What would 20 GB cost?", "explicit yes");
        IsWell(await AnalyzeAsync([.. asked, Answer("BIG-20 costs 17. Shall I change your plan?"), User("Yes."), .. change, Answer("You have 20 GB now.")]));
        IsWell(await AnalyzeAsync([.. begin, Answer("Would more data help?"), User("Could you change me to 20 GB?"), .. change, Answer("You have 20 GB now.")]));
    }

    [Fact]
    public async Task Own_words_about_the_present_record_are_no_proposal_of_another() =>
        Says(await AnalyzeAsync([
            User("I want to swap my boots of order W-1."), .. Call("get_order", """{"order":"W-1"}""", """{"item":"B-10","sole":"leather"}"""), Answer("Your boots B-10 have a leather sole. What should it be?"), User("Size 44 in brown with a rubber sole."),
            .. Call("list_variants", """{"product":"B"}""", """[{"item_id":"B-10","size":"43","color":"brown","sole":"leather"},{"item_id":"B-11","size":"44","color":"brown","sole":"leather"},{"item_id":"B-12","size":"44","color":"brown","sole":"rubber"}]"""),
            Answer("B-11 in 44 and brown is there. Shall I?"), User("Yes."), .. Call("swap_item", """{"old_item":"B-10","new_item":"B-11"}""", """{"ok":true}"""), Answer("It is swapped.")]), "with B-11", "B-12", "rubber");

    [Fact]
    public async Task A_range_of_days_over_times_leaves_the_last_day_out()
    {
        object[] begin = [User("How many calls in March?"), .. Call("describe_table", """{"table":"calls"}""", """{"columns":{"id":"bigint","at":"timestamp with time zone"}}""")];
        Says(await AnalyzeAsync([.. begin, .. Call("query", """{"sql":"SELECT count(*) FROM calls WHERE at BETWEEN '2026-03-01' AND '2026-03-31'"}""", """[{"count":812}]"""), Answer("There were 812 calls in March.")]), "2026-03-31 begins", "timestamp with time zone");
        IsWell(await AnalyzeAsync([.. begin, .. Call("query", """{"sql":"SELECT count(*) FROM calls WHERE at::date BETWEEN '2026-03-01' AND '2026-03-31'"}""", """[{"count":840}]"""), Answer("There were 840 calls in March.")]));
        IsWell(await AnalyzeAsync([User("How many calls in March?"), .. Call("describe_table", """{"table":"calls"}""", """{"columns":{"id":"bigint","at":"date"}}"""), .. Call("query", """{"sql":"SELECT count(*) FROM calls WHERE at BETWEEN '2026-03-01' AND '2026-03-31'"}""", """[{"count":840}]"""), Answer("There were 840 calls in March.")]));
    }

    [Theory]
    [InlineData("SELECT sum(b.fee) AS fees FROM bookings b JOIN guests g ON g.booking_id = b.id", false)]
    [InlineData("SELECT sum(b.fee) AS fees FROM bookings b WHERE EXISTS (SELECT 1 FROM guests g WHERE g.booking_id = b.id)", true)]
    [InlineData("SELECT sum(g.fee) AS fees FROM bookings b JOIN guests g ON g.booking_id = b.id", true)]
    public async Task A_sum_over_a_join_with_several_rows_for_one_counts_more_than_once(string sql, bool isRight)
    {
        var report = await AnalyzeAsync([User("What did bookings with guests bring?"), .. Call("describe_table", """{"table":"guests"}""", """{"columns":{"id":"bigint","booking_id":"bigint fk"},"note":"a booking may have several rows"}"""), .. Call("query", $$"""{"sql":"{{sql}}"}""", """[{"fees":5120}]"""), Answer("They brought 5120.")]);
        Action<RcaReport> check = isRight ? IsWell : static wrong => Says(wrong, "sum(b.fee)", "several rows");
        check(report);
    }

    [Fact]
    public async Task An_address_that_a_lookup_had_taken_is_not_made_up_and_one_out_of_the_air_is()
    {
        var invite = Call("create_event", """{"title":"Panel","attendees":["dana@corp.example"]}""", """{"id":"E-1"}""");
        IsWell(await AnalyzeAsync([User("Find a slot with Dana and invite her."), .. Call("free_slots", """{"people":["dana@corp.example"]}""", """{"slots":["15:00"]}"""), .. invite, Answer("Dana is invited.")]));
        Says(await AnalyzeAsync([User("Find a slot with Dana and invite her."), .. Call("free_slots", """{"who":"Dana"}""", """{"slots":["15:00"]}"""), .. invite, Answer("Dana is invited.")]), "does not occur in anything");
    }
}
