#!/usr/bin/env node
'use strict';
/* smscsim - an SMPP 3.4 message centre on the loopback, for the demo and for the tests.
 *
 *	node smscsim.js --port 0 --control 0 --log smsc.jsonl --handset handset.log
 *	{"smpp":41021,"control":41022,"pid":4711}		(one line on stdout, when it is ready)
 *
 * It takes what bearerbox submits, writes one JSON line per event to the log, sends delivery reports, and can be told at run time
 * to misbehave as message centres do: delay, fail, throttle, duplicate, fall silent. Port 0 means any free port.
 *
 * Events: bind, unbind, close, submit (one part, with the answer it got), text (a whole text a handset would show), report, inbound,
 * and their *_answer. A `text` is what counts: one per text accepted, parts put together.
 *
 * Control (HTTP on 127.0.0.1, JSON):
 *	GET  /stats			counters and what is bound
 *	GET  /log?since=N		events with a higher seq (the last 100,000 are kept here, all are in the file)
 *	GET  /behaviour, PUT /behaviour	{…}: see BEHAVIOUR below; PUT {} changes nothing, null brings the default back
 *	POST /mo			{from, to, text, data_coding?}: an inbound text, in as many parts as it needs;
 *				or {from, to, octets, data_coding, esm_class?}: one short message as it is, in hex
 *	POST /disconnect		drops every SMPP connection
 */
const fs = require('fs');
const http = require('http');
const smpp = require('smpp');
const gsm = require('./gsm');

const BEHAVIOUR = {
	dlr: 'final',			/* none: no delivery reports at all */
	dlr_stat: 'DELIVRD',		/* or ACCEPTD ENROUTE UNDELIV EXPIRED REJECTD DELETED UNKNOWN, or a list sent in that order */
	dlr_delay_ms: 200,		/* before each report */
	duplicate_dlr: 0,		/* so many more of each report */
	submit_resp_delay_ms: 0,
	fail_every: 0,			/* each n-th submit is throttled */
	throttle_next: 0,		/* so many submits from now are throttled */
	reject_destination: '',		/* regular expression; */
	reject_status: 'ESME_RINVDSTADR',	/* the answer to those */
	drop_submit: 0,			/* so many submits are lost: no answer, no text */
	drop_answer: 0,			/* so many submits are taken, but the answer is lost */
	refuse_bind: false,
};
const STATES = { ENROUTE: 1, DELIVRD: 2, EXPIRED: 3, DELETED: 4, UNDELIV: 5, ACCEPTD: 6, UNKNOWN: 7, REJECTD: 8 };
const KEPT_EVENTS = 100000;
const RETRY_MS = 1000;

/* The library's own reading of texts and times is lossy: take the bytes. */
smpp.filters.message.decode = (value) => value;
smpp.filters.time.decode = (value) => value;

/* ---- log ------------------------------------------------------------------------------------------------------ */

class Log {
	constructor(file, handset) {
		this.fd = file ? fs.openSync(file, 'a', 0o600) : -1;
		this.handsetFd = handset ? fs.openSync(handset, 'a', 0o600) : -1;
		this.seq = 0;
		this.events = [];
	}

	add(type, fields) {
		const event = { seq: ++this.seq, at: new Date().toISOString(), type, ...fields };
		if (this.fd >= 0)
			fs.writeSync(this.fd, JSON.stringify(event) + '\n');
		this.events.push(event);
		if (this.events.length > 2 * KEPT_EVENTS)
			this.events.splice(0, this.events.length - KEPT_EVENTS);
	}

	/* A line for people: what the handset shows. */
	handset(number, arrow, other, text) {
		if (this.handsetFd >= 0)
			fs.writeSync(this.handsetFd, `${new Date().toISOString()}  ${number} ${arrow} ${other}: ${text}\n`);
	}

	since(seq) {
		const first = this.events.length ? this.events[0].seq : this.seq + 1;
		return this.events.slice(Math.max(0, seq + 1 - first));
	}
}

/* ---- the message centre --------------------------------------------------------------------------------------- */

class Centre {
	constructor(log, account) {
		this.log = log;
		this.account = account;
		this.behaviour = { ...BEHAVIOUR };
		this.sessions = new Set();
		this.parts = new Map();
		this.waiting = [];		/* deliver_sm to send */
		this.unanswered = new Set();	/* deliver_sm sent and not acknowledged */
		this.stats = { binds: 0, submits: 0, texts: 0, refused: 0, dropped: 0, reports: 0, inbound: 0 };
		/* Ids must not come back after a restart: bearerbox remembers them. */
		this.idPrefix = Math.floor(Date.now() / 1000).toString(16).toUpperCase();
		this.lastId = 0;
		this.lastSession = 0;
		this.lastRef = 0;
	}

	accept(session) {
		const state = { id: ++this.lastSession, session, kind: null };
		session.on('error', (error) => this.log.add('error', { session: state.id, detail: error.message }));
		session.on('close', () => this.lost(state));
		for (const kind of ['transceiver', 'transmitter', 'receiver'])
			session.on(`bind_${kind}`, (pdu) => this.bind(state, kind, pdu));
		session.on('enquire_link', (pdu) => session.send(pdu.response()));
		session.on('submit_sm', (pdu) => this.submit(state, pdu));
		session.on('unbind', (pdu) => {
			this.log.add('unbind', { session: state.id });
			session.send(pdu.response());
			session.close();
		});
		session.on('unknown', (pdu) => session.send(pdu.response()));
	}

	bind(state, kind, pdu) {
		const { systemId, password } = this.account;
		let status = 0;
		if (this.behaviour.refuse_bind)
			status = smpp.ESME_RBINDFAIL;
		else if (systemId && pdu.system_id !== systemId)
			status = smpp.ESME_RINVSYSID;
		else if (password && pdu.password !== password)
			status = smpp.ESME_RINVPASWD;
		this.log.add('bind', { session: state.id, kind, system_id: pdu.system_id, status });
		state.session.send(pdu.response({ command_status: status, system_id: 'smscsim' }));
		if (status)
			return;
		this.stats.binds++;
		state.kind = kind;
		this.sessions.add(state);
		this.deliverAll();
	}

	lost(state) {
		if (state.kind)
			this.log.add('close', { session: state.id });
		this.sessions.delete(state);
		for (const item of this.unanswered)
			if (item.session === state)
				this.again(item);
		this.deliverAll();
	}

	/* What becomes of a submit: {answer, status}. Counters count down, so that "the next n" means just that. */
	judge(pdu) {
		const rule = this.behaviour;
		if (rule.drop_submit > 0) {
			rule.drop_submit--;
			return { answer: 'dropped' };
		}
		if (rule.throttle_next > 0) {
			rule.throttle_next--;
			return { answer: 'throttled', status: smpp.ESME_RTHROTTLED };
		}
		if (rule.fail_every > 0 && this.stats.submits % rule.fail_every === 0)
			return { answer: 'throttled', status: smpp.ESME_RTHROTTLED };
		if (rule.reject_destination && new RegExp(rule.reject_destination).test(pdu.destination_addr))
			return { answer: 'rejected', status: statusOf(rule.reject_status) };
		if (rule.drop_answer > 0) {
			rule.drop_answer--;
			return { answer: 'unanswered', status: 0 };
		}
		return { answer: 'accepted', status: 0 };
	}

	submit(state, pdu) {
		this.stats.submits++;
		if (state.kind !== 'transceiver' && state.kind !== 'transmitter')
			return state.session.send(pdu.response({ command_status: smpp.ESME_RINVBNDSTS }));
		const { answer, status } = this.judge(pdu);
		const id = status === 0 ? this.idPrefix + (++this.lastId).toString(16).toUpperCase().padStart(8, '0') : null;
		const part = this.read(pdu);
		this.log.add('submit', {
			session: state.id, id, answer, status, ...part,
			registered_delivery: pdu.registered_delivery, esm_class: pdu.esm_class,
			validity_period: pdu.validity_period || null, priority: pdu.priority_flag,
		});
		if (answer === 'dropped')
			return this.stats.dropped++;
		if (status !== 0)
			this.stats.refused++;
		else
			this.gather(id, part);
		if (answer !== 'unanswered')
			later(this.behaviour.submit_resp_delay_ms, () => state.session.send(
				pdu.response(status ? { command_status: status } : { message_id: id })));
		if (status === 0 && (pdu.registered_delivery & 1) && this.behaviour.dlr !== 'none')
			this.report(id, pdu);
	}

	read(pdu) {
		const bytes = pdu.message_payload && pdu.message_payload.length ? pdu.message_payload : pdu.short_message;
		const whole = { header: null, part: null, body: bytes };
		const { header, part, body } = pdu.esm_class & 0x40 ? gsm.splitHeader(bytes) : whole;
		return {
			source: pdu.source_addr, source_ton: pdu.source_addr_ton, destination: pdu.destination_addr,
			destination_ton: pdu.dest_addr_ton, data_coding: pdu.data_coding, udh: header, part,
			text: gsm.decode(body, pdu.data_coding), octets: bytes.length,
		};
	}

	/* One `text` event per whole text. */
	gather(id, got) {
		const total = got.part ? got.part.total : 1;
		const key = JSON.stringify([got.source, got.destination, got.part && got.part.ref, total]);
		const parts = this.parts.get(key) || new Map();
		parts.set(got.part ? got.part.number : 1, { id, text: got.text });
		if (parts.size < total) {
			this.parts.set(key, parts);
			return;
		}
		this.parts.delete(key);
		const inOrder = [...parts.keys()].sort((a, b) => a - b).map((number) => parts.get(number));
		const text = inOrder.map((one) => one.text).join('');
		this.stats.texts++;
		this.log.add('text', {
			source: got.source, destination: got.destination, text, data_coding: got.data_coding, parts: total,
			ids: inOrder.map((one) => one.id),
		});
		this.log.handset(got.destination, '<-', got.source, text);
	}

	report(id, pdu) {
		const rule = this.behaviour;
		const stats = Array.isArray(rule.dlr_stat) ? rule.dlr_stat : [rule.dlr_stat];
		stats.forEach((stat, i) => later(rule.dlr_delay_ms * (i + 1), () => {
			for (let copy = 0; copy <= Number(rule.duplicate_dlr); copy++)
				this.deliver('report', { id, stat }, {
					source_addr: pdu.destination_addr, source_addr_ton: pdu.dest_addr_ton,
					source_addr_npi: pdu.dest_addr_npi, destination_addr: pdu.source_addr,
					dest_addr_ton: pdu.source_addr_ton, dest_addr_npi: pdu.source_addr_npi,
					esm_class: 4, data_coding: 0, receipted_message_id: id, message_state: STATES[stat],
					short_message: Buffer.from(receiptText(id, stat), 'ascii'),
				});
		}));
	}

	inbound(from, to, text, dataCoding) {
		this.log.handset(from, '->', to, text);
		return this.deliverParts(from, to, text, gsm.encode(text, dataCoding, ++this.lastRef));
	}

	deliverParts(from, to, text, parts) {
		const international = from.startsWith('+');
		for (const part of parts)
			this.deliver('inbound', { from, to, text, parts: parts.length }, {
				source_addr: from.replace(/^\+/, ''), source_addr_ton: international ? 1 : 0,
				source_addr_npi: 1, destination_addr: to, dest_addr_npi: 1,
				esm_class: part.esm_class, data_coding: part.data_coding, short_message: part.bytes,
			});
		return { parts: parts.length };
	}

	deliver(kind, about, fields) {
		this.stats[kind === 'report' ? 'reports' : 'inbound']++;
		this.waiting.push({ kind, about, fields, session: null });
		this.deliverAll();
	}

	/* What waits goes to whoever may receive; what was not acknowledged goes again. */
	deliverAll() {
		const target = [...this.sessions].find((one) => one.kind !== 'transmitter');
		if (!target)
			return;
		for (const item of this.waiting.splice(0)) {
			item.session = target;
			this.unanswered.add(item);
			this.log.add(item.kind, { session: target.id, ...item.about });
			target.session.deliver_sm({ ...item.fields }, (answer) => this.delivered(item, answer));
		}
	}

	delivered(item, answer) {
		this.log.add(`${item.kind}_answer`, { ...item.about, status: answer.command_status });
		if (answer.command_status === 0)
			return this.unanswered.delete(item);
		later(RETRY_MS, () => {
			this.again(item);
			this.deliverAll();
		});
	}

	again(item) {
		if (this.unanswered.delete(item))
			this.waiting.push(item);
	}

	disconnect() {
		const count = this.sessions.size;
		for (const state of [...this.sessions])
			state.session.destroy();
		return { disconnected: count };
	}

	change(wanted) {
		for (const [key, value] of Object.entries(wanted)) {
			if (!(key in BEHAVIOUR))
				throw new Error(`no such behaviour: ${key}`);
			if (key === 'dlr_stat' && value !== null)
				for (const stat of [].concat(value))
					if (!(stat in STATES))
						throw new Error(`no such dlr_stat: ${stat}`);
			if (key === 'reject_status' && value !== null)
				statusOf(value);
			if (key === 'reject_destination' && value !== null)
				new RegExp(value);
		}
		for (const [key, value] of Object.entries(wanted))
			this.behaviour[key] = value === null ? BEHAVIOUR[key] : value;
		return this.behaviour;
	}
}

function statusOf(status) {
	const number = typeof status === 'number' ? status : smpp[status];
	if (!Number.isInteger(number) || number === 0)
		throw new Error(`no such reject_status: ${status}`);
	return number;
}

function later(delay_ms, act) {
	if (delay_ms > 0)
		setTimeout(act, delay_ms);
	else
		setImmediate(act);
}

function receiptText(id, stat) {
	const two = (number) => String(number).padStart(2, '0');
	const now = new Date();
	const date = two(now.getFullYear() % 100) + two(now.getMonth() + 1) + two(now.getDate()) +
		two(now.getHours()) + two(now.getMinutes());
	const delivered = stat === 'DELIVRD' ? '001' : '000';
	const error = stat === 'DELIVRD' || stat === 'ACCEPTD' || stat === 'ENROUTE' ? '000' : '001';
	return `id:${id} sub:001 dlvrd:${delivered} submit date:${date} done date:${date} stat:${stat} err:${error} text:`;
}

/* ---- control ---------------------------------------------------------------------------------------------------- */

const CONTROL = {
	'GET /stats': (centre) => ({
		...centre.stats, undelivered: centre.waiting.length + centre.unanswered.size,
		bound: [...centre.sessions].map(({ id, kind }) => ({ id, kind })),
	}),
	'GET /log': (centre, body, query) => ({ events: centre.log.since(Number(query.get('since') || 0)) }),
	'GET /behaviour': (centre) => centre.behaviour,
	'PUT /behaviour': (centre, body) => centre.change(body),
	'POST /mo': (centre, body) => {
		for (const key of ['from', 'to', 'octets' in body ? 'octets' : 'text'])
			if (typeof body[key] !== 'string')
				throw new Error(`${key}: a string is needed`);
		if ('octets' in body)
			return centre.deliverParts(body.from, body.to, body.octets, [{
				esm_class: body.esm_class || 0, data_coding: body.data_coding, bytes: Buffer.from(body.octets, 'hex'),
			}]);
		return centre.inbound(body.from, body.to, body.text, body.data_coding);
	},
	'POST /disconnect': (centre) => centre.disconnect(),
};

function control(centre, request, response) {
	const chunks = [];
	const answer = (status, value) => {
		response.writeHead(status, { 'Content-Type': 'application/json' });
		response.end(JSON.stringify(value) + '\n');
	};
	request.on('data', (chunk) => chunks.push(chunk));
	request.on('end', () => {
		const url = new URL(request.url, 'http://localhost');
		const act = CONTROL[`${request.method} ${url.pathname}`];
		if (!act)
			return answer(404, { error: 'unknown', known: Object.keys(CONTROL) });
		try {
			const text = Buffer.concat(chunks).toString();
			answer(200, act(centre, text ? JSON.parse(text) : {}, url.searchParams));
		} catch (error) {
			answer(400, { error: error.message });
		}
	});
}

/* ---- start ------------------------------------------------------------------------------------------------------ */

const OPTIONS = {
	port: '0', control: '0', log: '', handset: '', behaviour: '{}', 'system-id': '', password: '',
};

function options(args) {
	const found = { ...OPTIONS };
	for (let i = 0; i < args.length; i += 2) {
		const name = args[i].replace(/^--/, '');
		if (!(name in OPTIONS) || args[i + 1] === undefined) {
			process.stderr.write(`usage: smscsim.js ${Object.keys(OPTIONS).map((key) => `[--${key} X]`).join(' ')}\n`);
			process.exit(2);
		}
		found[name] = args[i + 1];
	}
	return found;
}

function listen(server, port) {
	return new Promise((done, failed) => {
		server.on('error', failed);
		server.listen(port, '127.0.0.1', () => done(server.address().port));
	});
}

async function main() {
	const wanted = options(process.argv.slice(2));
	const log = new Log(wanted.log, wanted.handset);
	const centre = new Centre(log, { systemId: wanted['system-id'], password: wanted.password });
	centre.change(JSON.parse(wanted.behaviour));
	const smppPort = await listen(smpp.createServer((session) => centre.accept(session)), Number(wanted.port));
	const controlPort = await listen(
		http.createServer((request, response) => control(centre, request, response)), Number(wanted.control));
	log.add('start', { smpp: smppPort, control: controlPort, pid: process.pid });
	process.stdout.write(JSON.stringify({ smpp: smppPort, control: controlPort, pid: process.pid }) + '\n');
}

for (const signal of ['SIGTERM', 'SIGINT'])
	process.on(signal, () => process.exit(0));
main().catch((error) => {
	process.stderr.write(`smscsim: ${error.message}\n`);
	process.exit(1);
});
