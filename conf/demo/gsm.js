'use strict';
/* gsm.js - the texts of short messages: GSM 03.38 and UCS-2, and the header that ties parts together.
 *
 * The simulator reads what really is on the wire with tables of its own, so that a mistake in the segments or the
 * alphabet of the program under test cannot hide behind the same mistake here.
 * Ref: 3GPP TS 23.038 6.2.1 (alphabet), TS 23.040 9.2.3.24.1 (concatenation), SMPP 3.4 5.2.19 (data_coding).
 */

const BASIC = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
	'¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const EXTENSION = {
	0x0a: '\f', 0x14: '^', 0x28: '{', 0x29: '}', 0x2f: '\\', 0x3c: '[', 0x3d: '~', 0x3e: ']', 0x40: '|', 0x65: '€',
};
const ESCAPE = 0x1b;

const TO_GSM = new Map();
for (let i = 0; i < BASIC.length; i++)
	if (i !== ESCAPE)
		TO_GSM.set(BASIC[i], [i]);
for (const [code, char] of Object.entries(EXTENSION))
	TO_GSM.set(char, [ESCAPE, Number(code)]);

/* A byte outside the alphabet becomes U+FFFD: it must show, not vanish. */
function gsmDecode(bytes) {
	let text = '';
	for (let i = 0; i < bytes.length; i++) {
		if (bytes[i] === ESCAPE && i + 1 < bytes.length)
			text += EXTENSION[bytes[++i]] || '\ufffd';
		else
			text += bytes[i] < 128 && bytes[i] !== ESCAPE ? BASIC[bytes[i]] : '\ufffd';
	}
	return text;
}

/* Units (one septet each) per character, or null when the text does not fit the alphabet. */
function gsmEncode(text) {
	const units = [];
	for (const char of text) {
		const codes = TO_GSM.get(char);
		if (!codes)
			return null;
		units.push(codes);
	}
	return units;
}

function utf16be(text) {
	return Buffer.from(text, 'utf16le').swap16();
}

function decode(bytes, dataCoding) {
	if (dataCoding === 8)
		return Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16().toString('utf16le');
	if (dataCoding === 3)
		return bytes.toString('latin1');
	if (dataCoding === 4 || dataCoding === 2)
		return bytes.toString('hex');
	return gsmDecode(bytes);
}

/* {header: hex, part: {ref, total, number} | null, body} of a short_message whose UDH indicator is set. */
function splitHeader(bytes) {
	const length = bytes.length ? bytes[0] + 1 : 0;
	if (!length || length > bytes.length)
		return { header: '', part: null, body: bytes };
	let part = null;
	for (let i = 1; i + 1 < length; i += 2 + bytes[i + 1]) {
		const size = bytes[i + 1];
		if (bytes[i] === 0x00 && size === 3)
			part = { ref: bytes[i + 2], total: bytes[i + 3], number: bytes[i + 4] };
		else if (bytes[i] === 0x08 && size === 4)
			part = { ref: bytes.readUInt16BE(i + 2), total: bytes[i + 4], number: bytes[i + 5] };
	}
	return { header: bytes.toString('hex', 0, length), part, body: bytes.subarray(length) };
}

/* Whole characters into parts of at most `max` units. */
function pack(chars, max) {
	const parts = [];
	let part = [];
	for (const char of chars) {
		if (part.length + char.length > max) {
			parts.push(part);
			part = [];
		}
		part.push(...char);
	}
	parts.push(part);
	return parts;
}

/* encode - a text as the short_messages a handset would send: [{esm_class, data_coding, bytes}].
 * dataCoding: 0 or 8, or undefined for the one that fits. */
function encode(text, dataCoding, ref) {
	const septets = dataCoding === 8 ? null : gsmEncode(text);
	if (!septets && dataCoding === 0)
		throw new Error('text does not fit GSM 03.38: ask for data_coding 8');
	const chars = septets || Array.from(text, (char) => [...utf16be(char)]);
	const [single, multi] = septets ? [160, 153] : [140, 134];
	const whole = pack(chars, single);
	const coding = septets ? 0 : 8;
	if (whole.length === 1)
		return [{ esm_class: 0, data_coding: coding, bytes: Buffer.from(whole[0]) }];
	const parts = pack(chars, multi);
	return parts.map((part, i) => ({
		esm_class: 0x40,
		data_coding: coding,
		bytes: Buffer.from([5, 0, 3, ref & 255, parts.length, i + 1, ...part]),
	}));
}

module.exports = { decode, encode, splitHeader };
