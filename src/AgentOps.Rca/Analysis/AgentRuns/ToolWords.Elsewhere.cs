namespace AgentOps.Rca.Analysis.AgentRuns;

/// <summary>The same words in other languages: German, French, Spanish, Portuguese, Italian, Dutch, Polish, and Swedish, Norwegian and Danish.</summary>
internal static partial class ToolWords
{
    private static readonly HashSet<string> WritingElsewhere = new(StringComparer.OrdinalIgnoreCase)
    {
        "abbrechen", "absagen", "aendern", "ändern", "aktualisieren", "aktualisiere", "anlegen", "beantragen", "bestellen", "bezahlen", "buchen", "einstellen", "eintragen", "erfassen", "ersetzen", "erstatten",
        "erstellen", "freigeben", "genehmigen", "hinzufuegen", "hinzufügen", "kuendigen", "kündigen", "loeschen", "löschen", "planen", "reservieren", "schliessen", "schließen", "schreiben", "senden", "sende",
        "speichern", "sperren", "stornieren", "ueberweisen", "überweisen", "umbuchen", "verschicken", "verschieben", "versenden",
        "actualizar", "anotar", "anular", "aprobar", "borrar", "cambiar", "cancelar", "cerrar", "comprar", "confirmar", "crear", "devolver", "eliminar", "enviar", "escribir", "guardar", "modificar", "mover",
        "pagar", "pedir", "programar", "publicar", "rechazar", "reembolsar", "registrar", "reservar", "transferir", "agendar", "alterar", "apagar", "aprovar", "atualizar", "criar", "devolver", "encerrar",
        "encomendar", "escrever", "excluir", "fechar", "marcar", "remarcar", "salvar",
        "acheter", "ajouter", "annuler", "approuver", "commander", "confirmer", "creer", "créer", "ecrire", "écrire", "enregistrer", "envoyer", "fermer", "inscrire", "modifier", "payer", "planifier", "publier", "rembourser", "reserver",
        "réserver", "resilier", "résilier", "supprimer", "transferer", "transférer", "valider", "virer",
        "aggiorna", "aggiornare", "annulla", "annullare", "cancella", "cancellare", "crea", "creare", "elimina", "eliminare", "invia", "inviare", "modifica", "modificare", "ordina", "ordinare", "paga", "pagare",
        "prenota", "prenotare", "pubblica", "registra", "registrare", "rimborsa", "rimborsare", "salva", "scrivi", "sposta", "trasferisci",
        "aanmaken", "annuleer", "annuleren", "bestel", "bestellen", "betaal", "betalen", "boek", "boeken", "maak", "stuur", "sturen", "verplaats", "verstuur", "verwijder", "verwijderen", "wijzig", "wijzigen",
        "anuluj", "dodaj", "usun", "usuń", "utworz", "utwórz", "wyslij", "wyślij", "zamow", "zamów", "zaplac", "zapłać", "zarezerwuj", "zmien", "zmień",
        "andra", "ändra", "avboka", "betala", "boka", "radera", "skapa", "skicka", "bestill", "betal", "endre", "opprett", "slett", "aendr", "annuller", "book", "opret", "slet",
    };

    private static readonly HashSet<string> ReadingElsewhere = new(StringComparer.OrdinalIgnoreCase)
    {
        "abfragen", "abrufen", "anzeigen", "auflisten", "berechnen", "finden", "holen", "laden", "lesen", "nachschlagen", "pruefen", "prüfen", "suchen", "suche", "zeigen",
        "buscar", "calcular", "comprobar", "consultar", "encontrar", "leer", "listar", "mirar", "mostrar", "obtener", "ver", "verificar", "checar", "ler", "obter",
        "afficher", "calculer", "chercher", "consulter", "lire", "lister", "obtenir", "rechercher", "trouver", "verifier", "vérifier", "voir",
        "calcola", "calcolare", "cerca", "cercare", "controlla", "elenca", "leggi", "leggere", "mostra", "ottieni", "trova", "verifica",
        "bekijk", "bereken", "controleer", "haal", "lees", "opzoeken", "toon", "zoek", "zoeken",
        "czytaj", "pobierz", "pokaz", "pokaż", "sprawdz", "sprawdź", "szukaj", "wyszukaj", "znajdz", "znajdź",
        "hamta", "hämta", "hent", "lasa", "läsa", "sok", "sök", "søk", "soeg", "søg",
    };

    // In whatever form they stand at the beginning of a name: envia, enviar, enviando. Too loose for any other place in it.
    private static readonly string[] DeedsElsewhere =
    [
        "agenda", "anlegen", "anul", "apaga", "atualiz", "bestel", "bezahl", "betaal", "boek", "borra", "buche", "cambia", "cancela", "commander", "compra", "crea", "creer", "cria", "eintrag", "elimin", "envia", "envo",
        "erstell", "inserer", "invia", "loesch", "maak", "manda", "marcar", "modific", "modifier", "ordina", "paga", "payer", "pide", "pedir", "plan", "planen", "planifi", "prenot", "program", "registra", "reserv", "schick", "sende", "spost", "stuur",
        "stornier", "supprim", "transferir", "trasferi", "ueberweis", "verschieb", "verstuur", "verwijder", "wijzig", "zahl", "zet",
    ];

    /// <summary>Whether a name begins with a word of these languages that tells of a deed, in any of its forms.</summary>
    public static bool BeginsWithDeed(string name) =>
        Of(name) is [var first, ..] && Array.Exists(DeedsElsewhere, stem => first == stem || (stem.Length > 3 && stem != "plan" && first.StartsWith(stem, StringComparison.Ordinal)));
}
