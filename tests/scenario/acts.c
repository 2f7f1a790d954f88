/* acts.c - people, contacts, workflows and enrollments: see scenario.h */
#include "scenario.h"

#include <ctype.h>

#include "core/channel.h"
#include "core/contacts.h"
#include "core/enroll.h"
#include "core/events.h"
#include "core/users.h"
#include "core/workflows.h"
#include "workflow/parse.h"

static struct call shell_call(struct world *world)
{
	return desk_call(world->desk, &desk_shell);
}

static const char *capitalised(struct world *world, const char *name)
{
	char *copy = arena_strdup(world->desk->arena, name);
	copy[0] = (char)toupper((unsigned char)copy[0]);
	return copy;
}

static uint64_t answered_id(const struct call *call)
{
	const char *at = strstr(buf_str(&call->answer), "\"id\":\"");
	return at ? strtoull(at + strlen("\"id\":\""), NULL, 10) : 0;
}

/* --- people ------------------------------------------------------------------------------------------------------ */

/* user LOGIN [role=lead] */
static void act_user(struct world *world)
{
	const char *login = word(world, 1), *role = option(world, "role");
	struct user_add cmd = {.call = shell_call(world),
			       .login = login,
			       .first_name = capitalised(world, login),
			       .last_name = "",
			       .email = ""};
	if (role && !role_parse(role, &cmd.role))
		scene_fail(world, "there is no role '%s'", role);
	if (!scene_write(world, user_add, &cmd.call))
		return;
	struct name *name = name_new(world, NAMED_USER, login);
	name->id = answered_id(&cmd.call);
	name->actor = (struct actor){.kind = ACTOR_PERSONAL_TOKEN,
				     .way = WAY_API,
				     .user_id = name->id,
				     .credential_id = 70 + world->name_count,
				     .role = cmd.role,
				     .scopes = SCOPE_ALL,
				     .name = login};
}

/* team NAME LOGIN…: again: exactly these */
static void act_team(struct world *world)
{
	struct team_put cmd = {.call = shell_call(world),
			       .name = word(world, 1),
			       .members = (const char *const *)world->line->words + 2,
			       .member_count = world->line->count - 2};
	struct name *name = NULL;
	for (size_t i = 0; i < world->name_count; i++)
		if (world->names[i].kind == NAMED_TEAM &&
		    strcmp(world->names[i].name, cmd.name) == 0)
			name = &world->names[i];
	cmd.team_id = name ? name->id : 0;
	if (!scene_write(world, team_put, &cmd.call) || name)
		return;
	name_new(world, NAMED_TEAM, cmd.name)->id = answered_id(&cmd.call);
}

/* deactivate LOGIN [reassign=LOGIN|team:NAME] */
static void act_deactivate(struct world *world)
{
	const char *to = option(world, "reassign");
	struct user_deactivate cmd = {
		.call = shell_call(world),
		.who = {.kind = WHO_LOGIN, .login = word(world, 1)}};
	if (to)
		cmd.reassign_to = who_of(world, to);
	(void)scene_write(world, user_deactivate, &cmd.call);
}

static void change_user(struct world *world, const bool *on_shift)
{
	struct user_change cmd = {.call = shell_call(world),
				  .who = {.kind = WHO_LOGIN, .login = word(world, 1)},
				  .on_shift = on_shift,
				  .reactivate = !on_shift};
	(void)scene_write(world, user_change, &cmd.call);
}

static void act_reactivate(struct world *world)
{
	change_user(world, NULL);
}

/* shift LOGIN on|off */
static void act_shift(struct world *world)
{
	const bool on = strcmp(word(world, 2), "on") == 0;
	change_user(world, &on);
}

/* --- contacts ---------------------------------------------------------------------------------------------------- */

enum { FIELDS_MOST = 16, TAGS_MOST = 16 };

struct given {
	struct contact_in in;
	struct contact_field fields[FIELDS_MOST];
	const char *tags[TAGS_MOST];
	bool is_shared;
};

static void give_tags(struct world *world, struct given *given, const char *list)
{
	char *rest = arena_strdup(world->desk->arena, list), *tag;
	given->in.given |= CONTACT_TAGS;
	given->in.tags = given->tags;
	while ((tag = strsep(&rest, ",")) && given->in.tag_count < TAGS_MOST)
		if (*tag)
			given->tags[given->in.tag_count++] = tag;
}

static void give_field(struct given *given, const char *name, const char *value)
{
	given->in.given |= CONTACT_FIELDS;
	given->in.fields = given->fields;
	if (given->in.field_count < FIELDS_MOST)
		given->fields[given->in.field_count++] =
			(struct contact_field){name, *value ? value : NULL};
}

static bool give_text(struct contact_in *in, const char *key, const char *value)
{
	const struct {
		const char *key;
		enum contact_member bit;
		const char **place;
	} texts[] = {
		{"external_id", CONTACT_EXTERNAL_ID, &in->external_id},
		{"first_name", CONTACT_FIRST_NAME, &in->first_name},
		{"last_name", CONTACT_LAST_NAME, &in->last_name},
		{"phone", CONTACT_PHONE, &in->phone},
		{"email", CONTACT_EMAIL, &in->email},
		{"country", CONTACT_COUNTRY, &in->country},
		{"timezone", CONTACT_TIMEZONE, &in->timezone},
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(texts[i].key, key) != 0)
			continue;
		in->given |= texts[i].bit;
		*texts[i].place = value;
		return true;
	}
	return false;
}

static void give_other(struct world *world, struct given *given, const char *key,
		       const char *value)
{
	struct contact_in *in = &given->in;
	if (strcmp(key, "tags") == 0) {
		give_tags(world, given, value);
	} else if (strcmp(key, "owner") == 0) {
		in->given |= CONTACT_OWNER;
		in->owner = (struct who){.kind = *value ? WHO_LOGIN : WHO_NOBODY,
					 .login = value};
	} else if (strcmp(key, "test") == 0) {
		in->given |= CONTACT_TEST;
		in->is_test = strcmp(value, "yes") == 0;
	} else if (strcmp(key, "shared") == 0) {
		given->is_shared = strcmp(value, "yes") == 0;
	} else if (strcmp(key, "sms") == 0) {
		in->given |= CONTACT_SMS_ENABLED;
		in->sms_enabled = strcmp(value, "on") == 0;
	} else if (strncmp(key, "custom.", 7) == 0) {
		give_field(given, key + 7, value);
	} else {
		scene_fail(world, "a contact has no '%s'", key);
	}
}

static void give(struct world *world, struct given *given)
{
	for (unsigned i = 2; i < world->line->count; i++) {
		const char *w = word(world, i), *equals = strchr(w, '=');
		if (!equals)
			continue;
		const char *key =
			arena_strndup(world->desk->arena, w, (size_t)(equals - w));
		if (!give_text(&given->in, key, equals + 1))
			give_other(world, given, key, equals + 1);
	}
}

/* contact NAME [import] [phone=] [first_name=] [tags=a,b] [owner=] [custom.X=] …: a number of its own unless one is
 * given */
static void act_contact(struct world *world)
{
	const char *name = word(world, 1);
	struct contact_create cmd = {.call = shell_call(world)};
	struct given given = {.in = {.given = CONTACT_FIRST_NAME | CONTACT_PHONE |
					      CONTACT_SMS_ENABLED,
				     .first_name = capitalised(world, name),
				     .sms_enabled = true}};
	given.in.phone =
		arena_printf(world->desk->arena, "+3519120%05zu", world->name_count);
	give(world, &given);
	cmd.in = given.in;
	cmd.shared = given.is_shared;
	cmd.is_import = has_word(world, "import");
	if (!scene_write(world, contact_create, &cmd.call))
		return;
	struct name *made = name_new(world, NAMED_CONTACT, name);
	made->id = cmd.id;
	made->phone = given.in.phone;
}

/* change NAME key=value… */
static void act_change(struct world *world)
{
	struct name *name = name_of(world, NAMED_CONTACT, word(world, 1));
	struct given given = {.in = {.given = 0}};
	give(world, &given);
	struct contact_patch cmd = {
		.call = shell_call(world), .id = name->id, .in = given.in};
	if (given.in.given & CONTACT_PHONE)
		name->phone = given.in.phone;
	(void)scene_write(world, contact_patch, &cmd.call);
}

static void act_delete(struct world *world)
{
	struct contact_delete cmd = {
		.call = shell_call(world),
		.id = name_of(world, NAMED_CONTACT, word(world, 1))->id};
	(void)scene_write(world, contact_delete, &cmd.call);
}

static void tag(struct world *world, store_write_fn *write)
{
	struct contact_tag cmd = {
		.call = shell_call(world),
		.id = name_of(world, NAMED_CONTACT, word(world, 1))->id,
		.tag = word(world, 2)};
	(void)scene_write(world, write, &cmd.call);
}

static void act_tag(struct world *world)
{
	tag(world, contact_tag);
}

static void act_untag(struct world *world)
{
	tag(world, contact_untag);
}

static void consent(struct world *world, store_write_fn *write, const char *by)
{
	struct contact_consent cmd = {
		.call = desk_call(world->desk, actor_of(world, by)),
		.id = name_of(world, NAMED_CONTACT, word(world, 1))->id,
		.reason = "asked on the phone",
		.evidence = "call of today"};
	(void)scene_write(world, write, &cmd.call);
}

static void act_opt_out(struct world *world)
{
	consent(world, contact_opt_out, "shell");
}

/* opt-in NAME by=LOGIN */
static void act_opt_in(struct world *world)
{
	const char *by = option(world, "by");
	consent(world, contact_opt_in, by ? by : "shell");
}

static void act_erase(struct world *world)
{
	struct contact_erase cmd = {
		.call = shell_call(world),
		.id = name_of(world, NAMED_CONTACT, word(world, 1))->id,
		.reason = "asked for it"};
	(void)scene_write(world, contact_erase, &cmd.call);
}

/* merge NAME into=NAME */
static void act_merge(struct world *world)
{
	struct contact_merge cmd = {
		.call = shell_call(world),
		.id = name_of(world, NAMED_CONTACT, word(world, 1))->id,
		.into_id = name_of(world, NAMED_CONTACT, option(world, "into"))->id};
	(void)scene_write(world, contact_merge, &cmd.call);
}

/* classify NAME stop|not_stop by=LOGIN: the newest text of the contact */
static void act_classify(struct world *world)
{
	const char *by = option(world, "by");
	uint64_t id = name_of(world, NAMED_CONTACT, word(world, 1))->id;
	struct contact_classify cmd = {
		.call = desk_call(world->desk, actor_of(world, by ? by : "shell")),
		.id = id,
		.inbound_id = (uint64_t)desk_number(
			world->desk,
			"SELECT max(id) FROM messages WHERE is_inbound = 1 AND "
			"contact_id = %" PRIu64,
			id),
		.is_stop = strcmp(word(world, 2), "stop") == 0};
	(void)scene_write(world, contact_classify, &cmd.call);
}

/* --- workflows --------------------------------------------------------------------------------------------------- */

static const char *settings_xml(struct world *world)
{
	static const char *const names[] = {"reentry", "stop-on-reply", "sender",
					    "smsc"};
	const char *text = "";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (option(world, names[i]))
			text = arena_printf(world->desk->arena, "%s %s=\"%s\"", text,
					    names[i], option(world, names[i]));
	return *text ? arena_printf(world->desk->arena, "<settings%s/>", text) : "";
}

/* What is written is a whole workflow, its parts, or only its steps. */
static const char *workflow_xml(struct world *world, const char *id)
{
	const char *block = world->line->block ? world->line->block : "";
	if (strstr(block, "<workflow"))
		return block;
	bool has_steps = strstr(block, "<steps>") != NULL;
	return arena_printf(
		world->desk->arena,
		"<workflow xmlns=\"%s\" id=\"%s\" name=\"%s\">%s%s%s%s</workflow>",
		WORKFLOW_NAMESPACE, id, id, settings_xml(world),
		has_steps ? "" : "<steps>", block, has_steps ? "" : "</steps>");
}

static bool save(struct world *world)
{
	struct desk *desk = world->desk;
	const char *id = word(world, 1), *xml = workflow_xml(world, id);
	struct workflow_save cmd = {.call = shell_call(world), .id = id};
	struct workflow_options options;
	workflow_parse_options(&desk->core, &options);
	workflow_report_init(&cmd.report, desk->arena, NULL);
	enum err err =
		workflow_parse(xml, strlen(xml), &options, &cmd.plan, &cmd.report);
	if (err != ERR_OK) {
		struct buf buf = BUF_EMPTY;
		workflow_report_print(&cmd.report, &buf);
		cmd.call.refusal.detail = arena_strdup(desk->arena, buf_str(&buf));
		buf_fini(&buf);
		scene_check(world, &cmd.call, err);
		return false;
	}
	err = desk_write(desk, workflow_save, &cmd.call);
	plan_unref(&cmd.plan);
	scene_check(world, &cmd.call, err);
	return err == ERR_OK;
}

/* draft ID [settings] + XML: saved, not published */
static void act_draft(struct world *world)
{
	(void)save(world);
}

/* publish ID [version=N] */
static void act_publish(struct world *world)
{
	const char *version = option(world, "version");
	struct workflow_publish cmd = {
		.call = shell_call(world),
		.id = word(world, 1),
		.version = version ? (uint32_t)strtoul(version, NULL, 10) : 0};
	(void)scene_write(world, workflow_publish, &cmd.call);
}

/* workflow ID [reentry=once] [stop-on-reply=yes] + XML: saved and published */
static void act_workflow(struct world *world)
{
	if (save(world))
		act_publish(world);
}

/* unpublish ID [hold|keep|cancel] */
static void act_unpublish(struct world *world)
{
	struct workflow_unpublish cmd = {
		.call = shell_call(world),
		.id = word(world, 1),
		.pending = has_word(world, "keep")     ? PENDING_KEEP
			   : has_word(world, "cancel") ? PENDING_CANCEL
						       : PENDING_HOLD};
	do
		(void)scene_write(world, workflow_unpublish, &cmd.call);
	while (cmd.more);
}

static void act_delete_workflow(struct world *world)
{
	struct workflow_delete cmd = {.call = shell_call(world), .id = word(world, 1)};
	(void)scene_write(world, workflow_delete, &cmd.call);
}

/* --- enrollments ------------------------------------------------------------------------------------------------- */

/* enroll CONTACT WORKFLOW [test] [compress=N] [=> outcome] */
static void act_enroll(struct world *world)
{
	const uint64_t id = name_of(world, NAMED_CONTACT, word(world, 1))->id;
	const char *outcome = world->line->code ? world->line->code : "enrolled";
	const char *compress = option(world, "compress");
	struct enroll cmd = {
		.call = shell_call(world),
		.workflow_id = word(world, 2),
		.contact_ids = &id,
		.count = 1,
		.test = {.is_on = has_word(world, "test"),
			 .compress =
				 compress ? (uint32_t)strtoul(compress, NULL, 10) : 0}};
	enum err err = desk_write(world->desk, enroll_contacts, &cmd.call);
	if (err != ERR_OK) {
		scene_check(world, &cmd.call, err);
		return;
	}
	if (!strstr(buf_str(&cmd.call.answer),
		    arena_printf(world->desk->arena, "\"outcome\":\"%s\"", outcome)))
		scene_fail(world, "expected %s: %s", outcome,
			   buf_str(&cmd.call.answer));
}

/* remove CONTACT WORKFLOW [reason="…"] */
static void act_remove(struct world *world)
{
	struct enrollment_remove cmd = {
		.call = shell_call(world),
		.id = enrollment_ref(world, word(world, 1), word(world, 2)),
		.reason = option(world, "reason")};
	(void)scene_write(world, enrollment_remove, &cmd.call);
}

/* event CONTACT NAME [JSON] */
static void act_event(struct world *world)
{
	struct event_take cmd = {
		.call = shell_call(world),
		.name = word(world, 2),
		.contact = {.id = name_of(world, NAMED_CONTACT, word(world, 1))->id},
		.data = world->line->count > 3 ? word(world, 3) : NULL};
	(void)scene_write(world, event_take, &cmd.call);
}

/* channel on|off */
static void act_channel(struct world *world)
{
	struct channel_set cmd = {.call = shell_call(world),
				  .enable = strcmp(word(world, 1), "on") == 0,
				  .reason = "because"};
	(void)scene_write(world, channel_set, &cmd.call);
}

const struct act world_acts[] = {
	{"user", act_user},
	{"team", act_team},
	{"deactivate", act_deactivate},
	{"reactivate", act_reactivate},
	{"shift", act_shift},
	{"contact", act_contact},
	{"change", act_change},
	{"delete", act_delete},
	{"tag", act_tag},
	{"untag", act_untag},
	{"opt-out", act_opt_out},
	{"opt-in", act_opt_in},
	{"classify", act_classify},
	{"erase", act_erase},
	{"merge", act_merge},
	{"draft", act_draft},
	{"workflow", act_workflow},
	{"publish", act_publish},
	{"unpublish", act_unpublish},
	{"delete-workflow", act_delete_workflow},
	{"enroll", act_enroll},
	{"remove", act_remove},
	{"event", act_event},
	{"channel", act_channel},
	{NULL, NULL},
};
