namespace AgentOps.Rca.Tests.Analysis.AgentRuns;

/// <summary>Figures that do not fit each other: arguments of one call, conversions, totals, currencies of documents, limits. And what looks like an unknown id and is none.</summary>
public sealed class WrongFigureTests : ToldRunBench
{
    private const string Ok = """{"ok":true}""";

    [Theory]
    [InlineData("create_bill", """{"bill_date":"2026-05-04","net_days":14,"due_date":"2026-05-20"}""", "2026-05-18")]
    [InlineData("book_room", """{"checkin":"2026-07-30","nights":3,"checkout":"2026-08-03"}""", "2026-08-02")]
    [InlineData("create_event", """{"title":"Sync","start":"2026-05-04T09:30:00Z","duration_minutes":50,"end":"2026-05-04T10:30:00Z"}""", "2026-05-04T10:20Z")]
    [InlineData("create_contract", """{"start_date":"2026-01-01","term_months":6,"end_date":"2026-08-01"}""", "2026-07-01")]
    [InlineData("plan_shift", """{"start_time":"2026-05-04T14:00","duration_min":90,"end_time":"2026-05-04T15:00"}""", "2026-05-04T15:30")]
    [InlineData("create_event", """{"start":"2026-05-04T09:30:00+02:00","duration":"PT1H30M","end":"2026-05-04T11:30:00+02:00"}""", "PT1H30M")]
    public async Task Arguments_of_one_call_do_not_make_its_end(string tool, string arguments, string says) =>
        Says(await AnalyzeAsync([User("Please enter it."), .. Call(tool, arguments, Ok), Answer("It has been entered.")]), says, "but with");

    [Theory]
    [InlineData("create_bill", """{"bill_date":"2026-05-04","net_days":14,"due_date":"2026-05-18"}""")]
    [InlineData("create_bill", """{"bill_date":"2026-05-02","net_days":14,"due_date":"2026-05-18"}""")]
    [InlineData("create_bill", """{"bill_date":"2026-05-04","discount_days":10,"due_date":"2026-06-03"}""")]
    [InlineData("book_car", """{"start_date":"2026-05-04","days":3,"end_date":"2026-05-06"}""")]
    [InlineData("create_series", """{"start":"2026-05-04T09:30:00Z","duration_minutes":30,"end":"2026-08-04T00:00:00Z"}""")]
    [InlineData("create_event", """{"start":"2026-05-04T09:30:00Z","duration":3600,"end":"2026-05-04T10:30:00Z"}""")]
    [InlineData("create_contract", """{"start_date":"2026-01-01","term_months":6,"end_date":"2026-06-30"}""")]
    [InlineData("create_task", """{"start_date":"2026-05-04","due_date":"2026-05-15","duration_days":10}""")]
    [InlineData("create_task", """{"start_date":"2026-05-04","due_date":"2026-05-15","estimated_hours":6}""")]
    [InlineData("create_sprint", """{"start_date":"2026-05-04","end_date":"2026-05-15","weeks":2}""")]
    [InlineData("create_shift", """{"start":"2026-05-04T22:00","end":"2026-05-05T06:00","duration_hours":7.5,"break_minutes":30}""")]
    [InlineData("create_event", """{"start":"2026-05-04T09:00:00+02:00","duration_minutes":60,"end":"2026-05-04T08:00:00Z"}""")]
    public async Task Arguments_that_fit_or_count_otherwise_are_well(string tool, string arguments) =>
        IsWell(await AnalyzeAsync([User("Please enter it."), .. Call(tool, arguments, Ok), Answer("It has been entered.")]));

    [Fact]
    public async Task A_due_day_that_a_document_gives_is_well() => IsWell(await AnalyzeAsync(
        [User("Enter the bill."), .. Call("read_document", """{"id":"D-1"}""", "Bill of 2026-05-04, 14 days, payable by 20 May 2026"), .. Call("create_bill", """{"bill_date":"2026-05-04","net_days":14,"due_date":"2026-05-20"}""", Ok), Answer("Entered.")]));

    [Theory]
    [InlineData("""{"amount":815.0,"currency":"CHF","original_amount":900,"original_currency":"USD"}""", "815.0 CHF")]
    [InlineData("""{"amount":1020,"currency":"CHF"}""", "1020 CHF")]
    public async Task An_amount_that_the_rate_does_not_make_is_converted_wrongly(string arguments, string says) => Says(await AnalyzeAsync(
        [User("I paid 900 USD for the flight. Put it in the report in Swiss francs."), .. Call("get_rate", """{"from":"USD","to":"CHF"}""", """{"from":"USD","to":"CHF","rate":0.8}"""), .. Call("add_expense", arguments, Ok), Answer("It has been added.")]), says, "makes neither way");

    [Theory]
    [InlineData("""{"amount":720,"currency":"CHF","original_amount":900,"original_currency":"USD"}""", """{"from":"USD","to":"CHF","rate":0.8}""")]
    [InlineData("""{"amount":1125,"currency":"CHF","original_amount":900,"original_currency":"USD"}""", """{"from":"CHF","to":"USD","rate":0.8}""")]
    [InlineData("""{"amount":735,"currency":"CHF","original_amount":900,"original_currency":"USD"}""", """{"from":"USD","to":"CHF","rate":0.8,"fee":15}""")]
    [InlineData("""{"amount":815,"currency":"CHF","original_amount":900,"original_currency":"USD"}""", """{"from":"USD","to":"EUR","rate":0.8}""")]
    [InlineData("""{"amount":900,"currency":"USD"}""", """{"from":"USD","to":"CHF","rate":0.8}""")]
    public async Task An_amount_that_a_rate_makes_either_way_is_well(string arguments, string rate) => IsWell(await AnalyzeAsync(
        [User("I paid 900 USD for the flight. Put it in the report."), .. Call("get_rate", """{"q":1}""", rate), .. Call("add_expense", arguments, Ok), Answer("It has been added.")]));

    [Fact]
    public async Task An_amount_that_is_a_part_of_what_the_user_said_is_well() => IsWell(await AnalyzeAsync(
        [User("Put half of my 900 USD bill in the report, in CHF."), .. Call("get_rate", """{"q":1}""", """{"from":"USD","to":"CHF","rate":0.8}"""), .. Call("add_expense", """{"amount":360,"currency":"CHF"}""", Ok), Answer("It has been added.")]));

    private const string Costs = """{"lines":[{"id":"L1","amount":12.5},{"id":"L2","amount":30.25},{"id":"L3","amount":7.75}],"currency":"EUR"}""";

    [Theory]
    [InlineData("What did we spend in all?", "The items are 12.50, 30.25 and 7.75 EUR, 55.50 EUR in total. The total is 55.50 EUR.")]
    [InlineData("What did we spend in total?", "The total is 55.50 EUR.")]
    [InlineData("Wie hoch ist die Summe?", "Es sind 12,50 €, 30,25 € und 7,75 €. Die Summe beträgt 58,50 €.")]
    [InlineData("Add it up, please: what is the total?", "| line | EUR |\n|---|---|\n| L1 | 12.50 |\n| L2 | 30.25 |\n| L3 | 7.75 |\n| Total | 53.50 |")]
    [InlineData("¿Cuánto suma?", "12,50 €, 30,25 € y 7,75 €. En total: 51,50 €.")]
    public async Task A_total_that_the_amounts_do_not_make_is_wrong(string request, string answer) =>
        Says(await AnalyzeAsync([User(request), .. Call("list_costs", """{"month":"2026-05"}""", Costs), Answer(answer)]), "make 50.5");

    [Theory]
    [InlineData("What did we spend in all?", "The items are 12.50, 30.25 and 7.75 EUR. The total is 50.50 EUR.")]
    [InlineData("What did we spend in all?", "The items are 12.50, 30.25 and 7.75 EUR. The total with 20 % VAT is 60.60 EUR.")]
    [InlineData("What did we spend in all?", "The items are 12.50, 30.25 and 7.75 EUR, in total about 55 EUR.")]
    [InlineData("What did we spend in all?", "The items are 12.50, 30.25 and 7.75 EUR. In total 3 items.")]
    [InlineData("What did we spend on L1 and L2?", "12.50 EUR and 30.25 EUR; the total of both is 42.75 EUR.")]
    [InlineData("Wie hoch ist die Summe?", "Es sind 12,50 €, 30,25 € und 7,75 €. Die Summe beträgt 50,50 €.")]
    [InlineData("What did we spend in all?", "The total is 51 EUR.")]
    [InlineData("What did we spend in all?", "12.50 and 30.25 EUR, and 7.75 EUR came back: the total is 35.00 EUR.")]
    public async Task A_total_that_is_right_or_of_something_else_is_well(string request, string answer) =>
        IsWell(await AnalyzeAsync([User(request), .. Call("list_costs", """{"month":"2026-05"}""", Costs), Answer(answer)]));

    [Theory]
    [InlineData("Dublin Office Supply\nInvoice 7741\nTotal due: 2,310.00 PLN", """{"amount":2310.0,"currency":"EUR","reference":"7741"}""", "2,310.00 PLN")]
    [InlineData("""{"text":"Customs bill 7741. Amount: NOK 1,940.00. Pay within ten days."}""", """{"amount":1940.0,"currency":"USD"}""", "NOK 1,940.00")]
    [InlineData("""{"text":"Rechnung 7741, zu zahlen 480,50 CHF bis Monatsende"}""", """{"amount":480.5,"currency":"USD","reference":"7741"}""", "480,50 CHF")]
    public async Task The_currency_of_a_document_is_not_another_one(string document, string arguments, string says) =>
        Says(await AnalyzeAsync([User("Pay invoice 7741."), .. Call("read_document", """{"id":"D-1"}""", document), .. Call("create_payment", arguments, Ok), Answer("It has been paid.")]), says);

    [Theory]
    [InlineData("Pay invoice 7741.", "Total due: 2,310.00 PLN", """{"amount":2310.0,"currency":"PLN"}""")]
    [InlineData("Pay invoice 7741 in EUR, please.", "Total due: 2,310.00 PLN", """{"amount":2310.0,"currency":"EUR"}""")]
    [InlineData("Pay invoice 7741.", "Total due: 2,310.00 PLN (2,310.00 EUR)", """{"amount":2310.0,"currency":"EUR"}""")]
    [InlineData("Pay invoice 7741.", "Total due: 12 310,00 PLN", """{"amount":310.0,"currency":"EUR"}""")]
    [InlineData("Pay invoice 7741.", "Total due: 2,310.00 kr", """{"amount":2310.0,"currency":"SEK"}""")]
    public async Task The_currency_that_is_told_somewhere_is_well(string request, string document, string arguments) =>
        IsWell(await AnalyzeAsync([User(request), .. Call("read_document", """{"id":"D-1"}""", document), .. Call("create_payment", arguments, Ok), Answer("It has been paid.")]));

    [Fact]
    public async Task A_target_has_the_unit_beside_it() => Says(await AnalyzeAsync(
        [User("Heat the attic to 70 °F."), .. Call("set_thermostat", """{"target":70,"unit":"celsius"}""", Ok), Answer("Done.")]), "70 °C");

    [Fact]
    public async Task An_amount_has_the_currency_of_its_own_name() => IsWell(await AnalyzeAsync(
        [User("Enter my bill of 9,200 SEK in EUR, the rate is 11.5."), .. Call("add_expense", """{"amount":800,"currency":"EUR","originalAmount":9200,"originalCurrency":"SEK"}""", Ok), Answer("Entered as 800 EUR.")]));

    private const string Rooms = """{"rooms":[{"id":"R-1","name":"Loft","price_per_night":210,"total":420},{"id":"R-2","name":"Studio","price_per_night":95,"total":190}],"currency":"EUR"}""";
    private const string Seats = """{"offers":[{"offer_id":"O-1","price_per_person":64,"currency":"USD"},{"offer_id":"O-2","price_per_person":38,"currency":"USD"}]}""";

    [Theory]
    [InlineData("Book a room in Porto, at most 120 EUR per night.", Rooms, "book_room", """{"room_id":"R-1"}""")]
    [InlineData("Buche ein Zimmer, höchstens 120 € pro Nacht.", Rooms, "book_room", """{"room_id":"R-1"}""")]
    [InlineData("Reserva una habitación, máximo 120 € por noche.", Rooms, "book_room", """{"room_id":"R-1"}""")]
    [InlineData("Une chambre à 120 € la nuit au maximum, s'il te plaît.", Rooms, "book_room", """{"room_id":"R-1"}""")]
    [InlineData("1泊120ユーロ、つまり1泊120€以内で予約して。", Rooms, "book_room", """{"room_id":"R-1"}""")]
    [InlineData("Book dinner for us, no more than $50 per person.", Seats, "reserve_offer", """{"offer_id":"O-1"}""")]
    [InlineData("Rent the loft or the studio, max 120 EUR per night.", Rooms, "rent_room", """{"room_id":"R-1"}""")]
    [InlineData("My budget is 300 EUR, book a room for two nights.", Rooms, "book_room", """{"room_id":"R-1"}""")]
    public async Task What_costs_more_than_the_users_limit_was_taken(string request, string rows, string tool, string arguments) =>
        Says(await AnalyzeAsync([User(request), .. Call("search_offers", """{"q":"x"}""", rows), .. Call(tool, arguments, Ok), Answer("It is booked.")]), "the user had set a limit");

    [Theory]
    [InlineData("Book a room in Porto, at most 120 EUR per night.", Rooms, "book_room", """{"room_id":"R-2"}""")]
    [InlineData("Book a room in Porto for at most 2 guests, under 15 minutes from the station.", Rooms, "book_room", """{"room_id":"R-1"}""")]
    [InlineData("Book a room in Porto, at most 250 USD per night.", Rooms, "book_room", """{"room_id":"R-1"}""")]
    [InlineData("Book a room, at most 150 USD per night.", Rooms, "book_room", """{"room_id":"R-1"}""")]
    [InlineData("Cancel my room if the fee is below 20 EUR.", Rooms, "cancel_booking", """{"room_id":"R-1"}""")]
    [InlineData("Book a room, at most 100 EUR per person.", Rooms, "book_room", """{"room_id":"R-1"}""")]
    public async Task What_is_within_the_limit_or_has_another_one_is_well(string request, string rows, string tool, string arguments) =>
        IsWell(await AnalyzeAsync([User(request), .. Call("search_offers", """{"q":"x"}""", rows), .. Call(tool, arguments, Ok), Answer("It is booked.")]));

    [Fact]
    public async Task A_limit_that_the_user_gave_up_after_the_search_is_well() => IsWell(await AnalyzeAsync(
        [User("Book a room, at most 120 EUR per night."), .. Call("search_offers", """{"q":"x"}""", Rooms), Answer("The loft is 210 EUR a night, above your limit. Shall I book it?"), User("Yes, the loft."), .. Call("book_room", """{"room_id":"R-1"}""", Ok), Answer("It is booked.")]));

    [Theory]
    [InlineData("Any strikes this week?", "list_strikes", """{"week":"2026-W19"}""", """{"strikes":[]}""", "No, there are none.")]
    [InlineData("Revenue of the first quarter?", "get_revenue", """{"period":"2026-Q1"}""", """{"rows":[],"note":"not found"}""", "There is no revenue in the first quarter.")]
    [InlineData("Welche Termine habe ich im Mai?", "list_appointments", """{"month":"2026-05"}""", """{"appointments":[]}""", "Im Mai haben Sie keine Termine.")]
    [InlineData("Do I have a meeting longer than 45 minutes?", "search_meetings", """{"min_length":"PT45M"}""", """[]""", "No.")]
    public async Task What_the_calendar_makes_is_no_unknown_id(string request, string tool, string arguments, string result, string answer) =>
        IsWell(await AnalyzeAsync([User(request), .. Call(tool, arguments, result), Answer(answer)]));

    [Fact]
    public async Task A_refusal_of_another_argument_says_nothing_of_this_one()
    {
        const string Refused = """{"items":[],"note":"unknown region 'north-west'"}""";
        IsWell(await AnalyzeAsync([User("Sales in the north-west?"), .. Call("get_sales", """{"region":"north-west","scope":"FY26-A1"}""", Refused), Answer("The tool does not know the region north-west.")]));
        IsWell(await AnalyzeAsync(
            [User("Sales in the north-west?"), .. Call("get_sales", """{"region":"north-west","scope":"SC-9981"}""", "null"), .. Call("get_sales", """{"region":"NW","scope":"SC-9981"}""", """{"items":[{"amount":5.5}]}"""), Answer("5.5 in the north-west.")]));
        Says(await AnalyzeAsync([User("Where is my parcel?"), .. Call("get_parcel", """{"parcel_id":"PX-77120","region":"north"}""", """{"error":"parcel PX-77120 not found"}"""), Answer("I could not find it.")]), "PX-77120");
    }
}
