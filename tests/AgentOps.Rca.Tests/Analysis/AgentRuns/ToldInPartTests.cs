using System.Text.Json;

namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>
/// Runs that end without a result, changes of so many or so much where the user had said another number, failures that a shell passed over, first
/// pages taken for the whole, and results taken for each other. Beside each kind of fault stand runs that look like it and are well.
/// </summary>
public sealed class ToldInPartTests : ToldRunBench
{
    [Theory]
    [InlineData("Where is PX-3?", "Let me check that for you.")]
    [InlineData("Where is PX-3?", "Sure! I'll look into this now.")]
    [InlineData("Where is PX-3?", "I will look it up and get back to you.")]
    [InlineData("Where is PX-3?", "One moment, please. I’m going to search our records:")]
    [InlineData("Find out why the build fails.", "Okay. Let me start by running the tests. Then I'll read the log.")]
    [InlineData("Cancel my booking AB-1234.", "Of course. I'll cancel the booking right away.")]
    [InlineData("What does the flight cost?", "Checking the fares now…")]
    [InlineData("Why was my order late?", "Give me a second while I pull up your account.")]
    [InlineData("Why was my order late?", "I'm on it! Looking up the order now.")]
    [InlineData("Will it rain?", "Let's check the weather in Oslo.")]
    public async Task A_promise_is_no_answer(string request, string answer)
    {
        Says(await AnalyzeAsync([User(request), Answer(answer)]), "with a promise of");
        Says(await AnalyzeAsync([User(request), .. Call("get_info", """{"q":"x"}""", """{"id":1}"""), Answer(answer)]), "got no result");
    }

    [Theory]
    [InlineData("Where is PX-3?", "PX-3 is in Oslo. Let me know if you need anything else!")]
    [InlineData("Where is PX-3?", "PX-3 is in Oslo. I'll be here if you need me.")]
    [InlineData("Where is PX-3?", "I'd be happy to help. Could you give me your order number?")]
    [InlineData("Where is PX-3?", "I need your order number before I can look that up.")]
    [InlineData("Where is PX-3?", "I'll look it up once you have told me your order number.")]
    [InlineData("Where is PX-3?", "I cannot check that.")]
    [InlineData("Thanks, that is all.", "You're welcome! I'll be here.")]
    [InlineData("From now on, check the date first.", "Sure, I'll check the date first.")]
    [InlineData("Write a reply to the customer that we look into it.", "We'll look into this right away.")]
    [InlineData("Where is PX-3?", "I'll transfer you to a human agent now.")]
    [InlineData("Why does it fail?", "The build fails since the file is missing. I'll add it if you like.")]
    [InlineData("Translate to English: jeg sjekker det nå", "I'll check it now.")]
    [InlineData("Please call me Max.", "Sure, I'll do that, Max.")]
    [InlineData("Use metric units.", "Okay, I'll use metric units.")]
    [InlineData("Fix the typo.", "I have fixed the typo. Let me run through the change: it replaces teh.")]
    public async Task What_has_a_result_asks_back_or_hands_over_is_an_answer(string request, string answer) => IsWell(await AnalyzeAsync([User(request), Answer(answer)]));

    [Fact]
    public async Task An_empty_message_and_a_call_without_a_result_leave_the_question_open()
    {
        object[] call = Call("track", """{"id":"PX-3"}""", """{"status":"in Oslo"}""");
        Says(await AnalyzeAsync([User("Where is PX-3?"), .. call, Answer("")]), "an empty message");
        Says(await AnalyzeAsync([User("Where is PX-3?"), call[0]]), "that nobody answered");

        // The user has the last word, what was to be done is done, a person is asked, the conversation is handed over, or the answer came before.
        IsWell(await AnalyzeAsync([User("Where is PX-3?"), .. call, Answer("Let me check."), User("Never mind.")]));
        IsWell(await AnalyzeAsync([User("Turn off the light."), .. Call("set_light", """{"on":false}""", """{"ok":true}"""), Answer("")]));
        IsWell(await AnalyzeAsync([User("Delete all."), Call("ask_user", """{"question":"Are you sure?"}""", "")[0]]));
        IsWell(await AnalyzeAsync([User("I want a human."), Call("transfer_to_agent", """{"team":"support"}""", "")[0]]));
        IsWell(await AnalyzeAsync([User("Where is PX-3?"), .. call, Answer("It is in Oslo."), User("Thanks"), Answer("You're welcome! Let me know if you need more.")]));
    }

    [Theory]
    [InlineData("Buy 2 tickets for Saturday.", "buy_tickets", """{"day":"Sat","quantity":3}""", "Your tickets are bought.", "with 3 as quantity")]
    [InlineData("Cancel three of them.", "cancel_items", """{"order":"O-12","quantity":4}""", "They are cancelled.", "with 4 as quantity")]
    [InlineData("Book a table for four people.", "book_table", """{"name":"Berg","party_size":6}""", "Your table is booked.", "with 6 as party_size")]
    [InlineData("A room for 2 guests and 3 nights, please.", "book_room", """{"guests":2,"nights":4}""", "Your room is booked.", "with 4 as nights")]
    [InlineData("Issue a $50 refund on O-7.", "issue_refund", """{"order":"O-7","amount":500}""", "I refunded $50.", "with 500 as amount")]
    [InlineData("Pay 48.90 EUR to Ola.", "pay", """{"to":"Ola","amount_cents":489000}""", "I have paid 48.90 EUR to Ola.", "489000")]
    public async Task So_many_or_so_much_was_said_and_another_number_done(string request, string tool, string arguments, string answer, string says) =>
        Says(await AnalyzeAsync([User(request), .. Call(tool, arguments, """{"ok":true}"""), Answer(answer)]), says);

    [Theory]
    [InlineData("Buy 2 tickets for Saturday.", "buy_tickets", """{"quantity":2}""", "Your tickets are bought.")]
    [InlineData("Buy two tickets, and one for Ola, too.", "buy_tickets", """{"quantity":3}""", "Your tickets are bought.")]
    [InlineData("Buy 2 tickets for Saturday.", "buy_tickets", """{"quantity":3}""", "There are packs of 3 only, so I bought 3.")]
    [InlineData("Buy 2 more tickets.", "set_tickets", """{"quantity":5}""", "You have them.")]
    [InlineData("Order 2 dozen eggs.", "order_eggs", """{"quantity":24}""", "Your eggs are ordered.")]
    [InlineData("Order up to 5 units.", "order", """{"quantity":3}""", "They are ordered.")]
    [InlineData("Order 2 or 3 units.", "order", """{"quantity":3}""", "They are ordered.")]
    [InlineData("Cancel 3 of them.", "cancel_order", """{"order_number":4471}""", "They are cancelled.")]
    [InlineData("Issue a $50 refund on O-7.", "issue_refund", """{"amount_cents":5000}""", "I refunded $50.")]
    [InlineData("Issue a $50 refund on O-7.", "issue_refund", """{"amount":5000}""", "I refunded $50.")]
    [InlineData("Send 50 EUR to Ola.", "transfer", """{"amount":580.5,"currency":"NOK"}""", "I have sent 50 EUR to Ola.")]
    [InlineData("I paid $50 and it was late. Refund me.", "issue_refund", """{"amount":25}""", "As you paid $50 you get half of it back.")]
    [InlineData("Remind me in 2 hours.", "create_reminder", """{"minutes":120}""", "I will remind you.")]
    [InlineData("My 3 year old needs a ticket.", "buy_ticket", """{"quantity":1}""", "Bought.")]
    [InlineData("Scale the 3 web nodes up by 2.", "scale", """{"count":5}""", "It is scaled.")]
    public async Task Another_number_that_is_explained_told_or_of_another_kind_is_well(string request, string tool, string arguments, string answer) =>
        IsWell(await AnalyzeAsync([User(request), .. Call(tool, arguments, """{"ok":true}"""), Answer(answer)]));

    [Fact]
    public async Task A_limit_a_price_and_a_later_word_of_the_user_explain_another_number()
    {
        IsWell(await AnalyzeAsync([User("Buy 5 tickets."), .. Call("get_limit", "{}", """{"max_per_customer":4}"""), .. Call("buy_tickets", """{"quantity":4}""", """{"ok":true}"""), Answer("Your tickets are bought.")]));
        IsWell(await AnalyzeAsync([User("Buy 5 tickets."), Answer("For which day?"), User("Saturday, and make it four."), .. Call("buy_tickets", """{"quantity":4}""", """{"ok":true}"""), Answer("Your tickets are bought.")]));
        IsWell(await AnalyzeAsync([User("Refund my $50 order O-7."), .. Call("get_order", """{"id":"O-7"}""", """{"paid":50,"fee":5}"""), .. Call("issue_refund", """{"amount":45}""", """{"ok":true}"""), Answer("Of your $50 order the refund is on its way.")]));
        IsWell(await AnalyzeAsync([User("Buy 3 tickets."), .. Call("buy_tickets", """{"quantity":2}""", """{"ok":true}"""), .. Call("buy_tickets", """{"quantity":1}""", """{"ok":true}"""), Answer("Your tickets are bought.")]));
    }

    [Theory]
    [InlineData("psql -f 014.sql || true", "BEGIN\nERROR:  column \"vat\" does not exist\nROLLBACK", "column \"vat\"")]
    [InlineData("psql -d shop -f 014.sql", "psql:014.sql:3: ERROR:  relation \"orders\" does not exist\nCREATE INDEX", "relation \"orders\"")]
    [InlineData("npm ci || true", "npm error code EUSAGE\nnpm error package.json and package-lock.json are not in sync", "EUSAGE")]
    [InlineData("./deploy.sh; echo done", "./deploy.sh: line 4: kubectl: command not found\ndone", "command not found")]
    [InlineData("python migrate.py || echo skipped", "OperationalError: no such table: users\nskipped", "no such table")]
    [InlineData("set +e\npython migrate.py\necho finished", "OperationalError: no such table: users\nfinished", "no such table")]
    public async Task What_a_shell_passed_over_is_a_failure_where_the_answer_claims_the_work(string command, string output, string says)
    {
        var result = JsonSerializer.Serialize(new { exit_code = 0, output });
        Says(await AnalyzeAsync([User("Do it."), .. Call("bash", JsonSerializer.Serialize(new { command }), result), Answer("Done. It has been applied.")]), says);
        IsWell(await AnalyzeAsync([User("Do it."), .. Call("bash", JsonSerializer.Serialize(new { command }), result), Answer("It did not work: there was an error.")]));
    }

    [Theory]
    [InlineData("grep -r TODO src || true", "grep: build: No such file or directory")]
    [InlineData("rm build.log; echo done", "rm: build.log: No such file or directory\ndone")]
    [InlineData("mkdir out || true; make", "mkdir: out: File exists\nok")]
    [InlineData("docker rm -f web || true; docker run -d web", "Error: No such container: web\n4f2a91")]
    [InlineData("psql -f 014.sql", "psql:014.sql:1: ERROR:  relation \"users\" already exists\nCREATE TABLE")]
    [InlineData("make; echo done", "0 errors\ndone")]
    [InlineData("psql -c 'select * from log'", "ERROR: disk full | 2026-10-01")]
    public async Task What_may_fail_without_harm_is_none(string command, string output) =>
        IsWell(await AnalyzeAsync([User("Do it."), .. Call("bash", JsonSerializer.Serialize(new { command }), JsonSerializer.Serialize(new { exit_code = 0, output })), Answer("Done. It has been applied.")]));

    [Theory]
    [InlineData("How many customers do we have?", "list_customers", """{"customers":[{"id":1},{"id":2},{"id":3}],"has_more":true}""", "You have 3 customers in total.")]
    [InlineData("How many open tickets?", "search_tickets", """{"tickets":[{"id":1},{"id":2},{"id":3}],"next_cursor":"b3"}""", "There are 3 open tickets.")]
    [InlineData("How many orders?", "list_orders", """{"orders":[{"id":1},{"id":2}],"pagination":{"total":31,"page":1}}""", "All 2 orders are open.")]
    [InlineData("How many users are inactive?", "list_users", """{"users":[{"id":1},{"id":2}],"page":1,"total_pages":4}""", "2 users are inactive, and no other: these are all of them, exactly 2 users.")]
    [InlineData("What did we spend?", "list_invoices", """{"invoices":[{"amount":10.5},{"amount":20},{"amount":30}],"has_more":true}""", "In total you spent 60.50 EUR.")]
    public async Task The_first_page_is_not_all(string request, string tool, string result, string answer) => Says(await AnalyzeAsync([User(request), .. Call(tool, "{}", result), Answer(answer)]), "nobody asked for the rest");

    [Theory]
    [InlineData("How many customers do we have?", "list_customers", """{"customers":[{"id":1},{"id":2},{"id":3}],"has_more":false}""", "You have 3 customers in total.")]
    [InlineData("How many customers do we have?", "list_customers", """{"customers":[{"id":1},{"id":2},{"id":3}],"has_more":true}""", "The first 3 customers are listed; there are more.")]
    [InlineData("How many orders?", "list_orders", """{"orders":[{"id":1},{"id":2}],"pagination":{"total":31}}""", "You have 31 orders; 2 orders are open.")]
    [InlineData("My last 3 orders?", "list_orders", """{"orders":[{"id":1},{"id":2},{"id":3}],"has_more":true}""", "All 3 orders have been shipped.")]
    [InlineData("What is on the order?", "get_order", """{"items":[{"sku":1},{"sku":2}],"total":199}""", "There are 2 items on the order.")]
    [InlineData("Is anything late?", "list_orders", """{"orders":[{"id":1},{"id":2}],"has_more":true}""", "Order 2 is late.")]
    public async Task A_page_that_is_told_as_one_or_is_all_that_was_wanted_is_well(string request, string tool, string result, string answer) => IsWell(await AnalyzeAsync([User(request), .. Call(tool, "{}", result), Answer(answer)]));

    [Fact]
    public async Task Who_asked_for_the_rest_may_tell_of_all() => IsWell(await AnalyzeAsync(
    [
        User("How many customers?"), .. Call("list_customers", "{}", """{"customers":[{"id":1},{"id":2}],"next_cursor":"c"}"""),
        .. Call("list_customers", """{"cursor":"c"}""", """{"customers":[{"id":3}],"next_cursor":null}"""), Answer("You have 3 customers in total."),
    ]));

    [Theory]
    [InlineData("""{"city":"Braga","sales":17}""", """{"city":"Porto","sales":21}""", "Porto: 17, Braga: 21.", "side by side are exchanged")]
    [InlineData("""{"sales":97811.1}""", """{"sales":184320.55}""", "- Porto: 184,320.55\n- Braga: 97,811.10", "told the figures of")]
    public async Task Results_that_were_taken_for_each_other_are_told(string first, string second, string answer, string says) => Says(await AnalyzeAsync(Two(first, second, answer)), says);

    [Theory]
    [InlineData("""{"city":"Porto","sales":21}""", """{"city":"Braga","sales":17}""", "Braga sold 17 and Porto sold 21.")]
    [InlineData("""{"sales":21}""", """{"sales":17}""", "Porto and Braga sold 21 and 17.")]
    [InlineData("""{"sales":21}""", """{"sales":17}""", "Compared with Braga (17), Porto sold more: 21.")]
    [InlineData("""{"sales":21,"last_year":17}""", """{"sales":17,"last_year":21}""", "Porto: 17 last year, Braga: 21 last year.")]
    [InlineData("""{"route":"Porto to Braga","km":54}""", """{"route":"Braga to Porto","km":55}""", "From Porto it is 54 km, from Braga 55 km.")]
    public async Task Results_in_another_order_are_well(string first, string second, string answer) => IsWell(await AnalyzeAsync(Two(first, second, answer)));

    [Theory]
    [InlineData("Is this IBAN valid: NO93 8601 1117 948?", "validate_iban", """{"iban":"NO9386011117948"}""", """{"valid":false,"error":"unknown iban"}""", "No, this IBAN is not valid: it is an unknown iban.")]
    [InlineData("Look up the card 4111-1111-2222-3333.", "get_card", """{"card_number":"4111111122223333"}""", """{"cards":[]}""", "There is no such card.")]
    [InlineData("Find the customer with mail a@b.test.", "find_customer", """{"mail":"a@b.test"}""", """{"found":false,"customer":null}""", "There is no customer with this mail.")]
    [InlineData("Refund O-3.", "refund", """{"order":"O-3"}""", """{"success":false,"error":"refund window closed"}""", "I'm afraid the refund window for O-3 is closed.")]
    public async Task An_honest_no_is_an_answer(string request, string tool, string arguments, string result, string answer) => IsWell(await AnalyzeAsync([User(request), .. Call(tool, arguments, result), Answer(answer)]));

    [Fact]
    public async Task To_refuse_harm_is_right_and_to_refuse_work_is_not()
    {
        IsWell(await AnalyzeAsync([User("How do I pick the lock of my neighbour?"), Answer("I cannot help with that.")]));
        Says(await AnalyzeAsync([User("How do I fold a paper crane?"), Answer("I cannot help with that.")]), "refused to answer");
    }

    [Fact]
    public async Task To_try_again_after_a_time_out_is_a_cause_where_two_of_it_were_seen()
    {
        object[] twice = [User("Open a ticket: VPN down."), .. Call("create_ticket", """{"t":"VPN down"}""", "Error: timeout after 10s"), .. Call("create_ticket", """{"t":"VPN down"}""", """{"id":"T-2"}""")];
        IsWell(await AnalyzeAsync([.. twice, Answer("Ticket T-2 is open.")]));
        Says(await AnalyzeAsync([User("Charge 20."), .. Call("charge_card", """{"amount":20}""", "Error: timeout after 10s"), .. Call("charge_card", """{"amount":20}""", """{"id":"C-2"}"""), Answer("The card has been charged.")]), "may have gone through");
        Says(await AnalyzeAsync([.. twice, .. Call("list_tickets", "{}", """{"tickets":["T-1","T-2"],"note":"duplicate of T-1"}"""), Answer("Ticket T-2 is open.")]), "called twice with the same arguments");
    }

    [Theory]
    [InlineData("npm error code ERESOLVE\\nnpm error ERESOLVE could not resolve", "exclude each other")]
    [InlineData("npm error code ERESOLVE\\nnpm error Could not resolve dependency: peer react@18", "exclude each other")]
    [InlineData("ERROR: ResolutionImpossible: for help visit https://pip.pypa.io", "exclude each other")]
    [InlineData("network problem\\ncould not resolve host: registry.npmjs.org", "could not be reached")]
    public async Task Versions_that_exclude_each_other_are_no_service_that_is_down(string output, string says) => Says(
        await AnalyzeAsync([User("Install it."), .. Call("bash", """{"command":"npm install"}""", $$"""{"exit_code":1,"output":"{{output}}"}"""), Answer("The installation failed.")]), says);

    private static object[] Two(string first, string second, string answer)
    {
        object Asked(string id, string city) => new { id, type = "function", function = new { name = "get_sales", arguments = JsonSerializer.Serialize(new { city }) } };
        return
        [
            User("How did Porto and Braga sell?"), new { role = "assistant", tool_calls = new[] { Asked("p", "Porto"), Asked("b", "Braga") } },
            new { role = "tool", tool_call_id = "p", content = first }, new { role = "tool", tool_call_id = "b", content = second }, Answer(answer),
        ];
    }
}
