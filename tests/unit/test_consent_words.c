/* test_consent_words.c - what texts say, with the lists that are shipped: wordings of every language as a table */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/consent_words.h"
#include "model/word_fold.h"
#include "settings_consent.h"

static struct consent_words *shipped;

static int load(void **state)
{
	struct buf why = BUF_EMPTY;
	const char *text;
	(void)state;
	shipped = consent_words_new();
	for (unsigned i = 0; settings_consent_carried(i, &text); i++)
		if (consent_words_add(shipped, text, strlen(text), &why) != ERR_OK)
			fail_msg("list %u: %s", i, buf_str(&why));
	return 0;
}

static int unload(void **state)
{
	(void)state;
	consent_words_free(&shipped);
	return 0;
}

static void expect(const char *text, enum consent_said expected)
{
	enum consent_said said = consent_words_read(shipped, text);
	if (said != expected)
		fail_msg("'%s' says %s, expected %s", text,
			 said ? consent_said_name(said) : "nothing",
			 expected ? consent_said_name(expected) : "nothing");
}

#define ALL(said, ...)                                                      \
	do {                                                                \
		static const char *const texts[] = {__VA_ARGS__};           \
		for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) \
			expect(texts[i], said);                             \
	} while (0)

static void test_stop_in_english(void **state)
{
	(void)state;
	ALL(CONSENT_STOP, "STOP", "stop", "Stop.", "  sToP  ", "\"STOP\"", "'stop'",
	    "“Stop”", "«stop»", "STOP!!!", "stop\n", "Stop. Thank you",
	    "STOP, thank you!", "stop please", "Please stop", "Please, stop. Thanks!",
	    "Hello. Please stop. Best regards", "STOP 🙏", "🛑 STOP", "S T O P",
	    "S.T.O.P.", "ＳＴＯＰ", "st\u00adop", "stop stop stop", "STOP ALL",
	    "StopAll", "STOP-ALL", "Quit", "END", "end.", "Revoke", "OPT OUT",
	    "opt-out", "OptOut", "Opt me out, please", "cancel", "UNSUBSCRIBE",
	    "unsubscribe me", "Remove", "TD", "stop texting me",
	    "Stop sending me messages!", "Don't text me", "DON’T TEXT ME",
	    "do not contact me", "no more texts please", "Take me off your list",
	    "I want to opt out", "Stop unsubscribe", "ok stop now");
}

static void test_stop_in_other_languages(void **state)
{
	(void)state;
	ALL(CONSENT_STOP, "Parar", "PARE", "Sair", "sair, por favor", "Cancelar",
	    "Não quero mais mensagens", "nao quero mais mensagens",
	    "NÃO ENVIEM MAIS MENSAGENS!", "Olá, parem de me enviar mensagens. Obrigado",
	    "Baja", "dar\u0301me de baja", "Darme de baja", "ALTO", "Basta",
	    "No quiero más mensajes", "no me escriban más", "Arrêt", "ARRET",
	    "arre\u0302t", "Arrêtez svp", "STOP s'il vous plaît", "Désabonner",
	    "desabonnement", "Ne m’envoyez plus de messages", "Stopp", "STOPP bitte",
	    "Abmelden", "Bitte abmelden, danke", "Kündigen", "kundigen",
	    "Keine Nachrichten mehr", "Löschen", "Annulla", "cancellami", "Disiscrivi",
	    "Non voglio più messaggi", "Afmelden", "Stop met sms'en",
	    "Uitschrijven a.u.b", "geen berichten meer");
}

static void test_start_and_help(void **state)
{
	(void)state;
	ALL(CONSENT_START, "START", "start!", "Unstop", "UNSTOP please", "Opt in",
	    "Iniciar", "alta", "Reprendre", "starten", "Anmelden, bitte");
	ALL(CONSENT_HELP, "HELP", "Help?", "help please", "INFO", "Ajuda",
	    "AYUDA por favor", "aide", "Hilfe!", "aiuto", "Hulp");
}

static void test_unclear(void **state)
{
	(void)state;
	ALL(CONSENT_UNCLEAR, "please stop texting at night", "Stop. I have moved.",
	    "I told you already. STOP", "Who is this? Stop!", "Stop, I do not know you",
	    "stop it", "Could you stop sending these on Sundays?",
	    "pls don't text me before noon",
	    "I never asked, so take me off please guys", "unsubscribe my husband",
	    "how do I unsubscribe", "I'd like to opt out of the offers",
	    "leave me alone!!", "remove my number from this", "no more of these texts",
	    "não me enviem mais depois das 20h", "Parem com as mensagens à noite",
	    "quero cancelar as mensagens de domingo",
	    "dejen de escribirme por la noche", "no me manden más a esta hora",
	    "Arrêtez de m'écrire le soir",
	    "je ne veux plus recevoir vos messages le soir",
	    "Schreiben Sie mir nachts nicht mehr", "bitte keine SMS am Sonntag",
	    "Smettetela? Basta! Non sono io", "non scrivetemi la sera",
	    "stuur dit niet meer", "STOP. Wie zijn jullie");
}

static void test_ordinary(void **state)
{
	(void)state;
	ALL(CONSENT_NOTHING, "", " ", "...", "!?", "Yes", "no", "No thanks", "Thanks!",
	    "ok", "I will stop by at five", "I'll stop by tomorrow", "which bus stop?",
	    "don't stop", "The meeting will end at 5", "in the end we said yes",
	    "Can you help me with the form?", "need info about prices",
	    "let's start at 9", "please cancel my appointment",
	    "I quit my job last week", "non-stop flight?", "Text me when you stop",
	    "stopping by", "Endlich!", "1", "7", "Sim, pode ser", "Pare de escutar",
	    "para mim está bem", "Fim de semana pode ser?", "vale, gracias",
	    "el fin de semana", "Fine", "Fine, thanks", "oui merci",
	    "C'est la fin du mois", "das Ende des Monats passt", "Ja, bitte", "tot dan",
	    "Привет", "😀", "Anna", "stopp by my place", "\xff\xfe", "unstoppable",
	    "restart it");
}

static void test_long_texts(void **state)
{
	struct buf text = BUF_EMPTY;
	(void)state;
	for (unsigned i = 0; i < 300; i++)
		buf_add_str(&text, "stop ");
	expect(buf_str(&text), CONSENT_UNCLEAR); /* too long to be read whole */
	buf_clear(&text);
	for (unsigned i = 0; i < 5000; i++)
		buf_add_str(&text, "é");
	expect(buf_str(&text), CONSENT_NOTHING);
	buf_fini(&text);
}

static void test_folding(void **state)
{
	static const struct {
		const char *text, *folded;
	} rows[] = {
		{"Arrêtez ! C'EST fini…", "arretez. cest fini."},
		{"a,b-c (d)", "a, b, c, d,"},
		{"Straße ŁÓDŹ", "strasse lodz"},
		{"Ελλάς ώρα", "ελλασ ωρα"},
		{"ёлка Йод", "елка иод"},
		{"x\xC3y", "x y"},
		{"１２", "12"},
		{"'' \"\"", ""},
	};
	struct arena *arena = arena_new();
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct word_fold words[8];
		struct buf is = BUF_EMPTY;
		size_t count = word_fold_text(arena, rows[i].text, strlen(rows[i].text),
					      words, 8);
		for (size_t w = 0; w < count; w++)
			buf_printf(&is, "%s%s%s", w ? " " : "", words[w].text,
				   words[w].end == WORD_ENDS_SENTENCE ? "."
				   : words[w].end == WORD_ENDS_PART   ? ","
								      : "");
		assert_string_equal(buf_str(&is), rows[i].folded);
		buf_fini(&is);
	}
	arena_free(&arena);
}

static void test_broken_lists(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"stop\n", "line 1: a heading like [stop] must come first"},
		{"[stop]\nstop\n\n[halt]\n",
		 "line 4: the headings are [stop], [start], [help], [courtesy], [unclear]"},
		{"[stop]\n!!!\n", "line 2: there is no letter in it"},
		{"[stop]\na ... b\n",
		 "line 2: \"...\" is for patterns under [unclear]"},
		{"[unclear]\n... b\n", "line 2: \"...\" stands between words"},
		{"[stop]\na b c d e f g h i j k l m\n",
		 "line 2: the phrase has more than 12 words"},
		{"[stop]\n\xff\n", "line 2: it is not UTF-8"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct consent_words *words = consent_words_new();
		struct buf why = BUF_EMPTY;
		assert_int_equal(consent_words_add(words, rows[i].text,
						   strlen(rows[i].text), &why),
				 ERR_SYNTAX);
		assert_string_equal(buf_str(&why), rows[i].why);
		buf_fini(&why);
		consent_words_free(&words);
	}
}

/* What is installed is what the program carries, and a folder is read as a whole or by languages. */
static void test_folders(void **state)
{
	static const char *const languages[] = {"en", "pt", NULL}, *const unknown[] = {
									   "xx", NULL};
	struct consent_words *words;
	struct buf why = BUF_EMPTY;
	const char *text;
	unsigned carried = 0;
	glob_t found = {0};
	(void)state;
	while (settings_consent_carried(carried, &text))
		carried++;
	assert_int_equal(glob(CONSENT_SOURCES "/*.txt", 0, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, carried);
	globfree(&found);
	assert_int_equal(settings_consent_read(CONSENT_SOURCES, NULL, &words, &why),
			 ERR_OK);
	assert_int_equal(consent_words_count(words, CONSENT_STOP),
			 consent_words_count(shipped, CONSENT_STOP));
	assert_int_equal(consent_words_read(words, "Arrêt"), CONSENT_STOP);
	consent_words_free(&words);
	assert_int_equal(
		settings_consent_read(CONSENT_SOURCES, languages, &words, &why),
		ERR_OK);
	assert_int_equal(consent_words_read(words, "Arrêt"), CONSENT_NOTHING);
	assert_int_equal(consent_words_read(words, "Parar"), CONSENT_STOP);
	consent_words_free(&words);
	assert_int_equal(settings_consent_read(CONSENT_SOURCES, unknown, &words, &why),
			 ERR_INVALID);
	assert_non_null(strstr(buf_str(&why), "/xx.txt: cannot be read"));
	buf_clear(&why);
	assert_int_equal(settings_consent_read("/nowhere", NULL, &words, &why),
			 ERR_INVALID);
	assert_non_null(strstr(buf_str(&why), "/nowhere: there is no list"));
	buf_fini(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stop_in_english),
		cmocka_unit_test(test_stop_in_other_languages),
		cmocka_unit_test(test_start_and_help),
		cmocka_unit_test(test_unclear),
		cmocka_unit_test(test_ordinary),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_folding),
		cmocka_unit_test(test_broken_lists),
		cmocka_unit_test(test_folders),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
