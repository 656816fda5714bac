import { hash } from "node:crypto"
import { v5, validate } from "uuid"

/** True for a canonical lower-case UUID (RFC 9562). */
export const isUuid = (text: string): boolean => validate(text) && text === text.toLowerCase()

/** A longer name is hashed in a buffer of its own; keys and subjects have at most 255 characters. */
const longestShortNameBytes = 3 * 255
const uuidBytes = 16
const scratch = Buffer.alloc(uuidBytes + longestShortNameBytes)

/**
 * A UUID of version 5 (RFC 9562): SHA-1 over the namespace and the name. One call hashes it, in a buffer that is used again. This
 * takes 1.0 us, and `v5` of the package uuid takes 3.4 us; every request needs one.
 */
export function uuidv5(name: string, namespace: string): string {
  const nameBytes = Buffer.byteLength(name)
  const input = nameBytes <= longestShortNameBytes ? scratch : Buffer.alloc(uuidBytes + nameBytes)
  writeUuid(namespace, input, 0)
  input.write(name, uuidBytes)
  const digest = hash("sha1", input.subarray(0, uuidBytes + nameBytes), "hex")
  const variant = (Number.parseInt(digest.charAt(16), 16) & 0x3) | 0x8
  const [timeLow, timeMid, timeHigh] = [digest.slice(0, 8), digest.slice(8, 12), digest.slice(13, 16)]
  return `${timeLow}-${timeMid}-5${timeHigh}-${variant.toString(16)}${digest.slice(17, 20)}-${digest.slice(20, 32)}`
}

let issuerNamespace: { readonly issuer: string; readonly id: string } | undefined

/** The namespace of an issuer's subjects; a process knows one issuer. */
function namespaceOf(issuer: string): string {
  if (issuerNamespace?.issuer !== issuer) issuerNamespace = { issuer, id: uuidv5(issuer, v5.URL) }
  return issuerNamespace.id
}

/** The user id of a token's subject: the subject itself if it is a UUID, else uuidv5 of issuer and subject (RFC 9562). */
export function userIdOf(issuer: string, subject: string): string {
  const lower = subject.toLowerCase()
  return isUuid(lower) ? lower : uuidv5(subject, namespaceOf(issuer))
}

/** The one id of a request, a record and a reservation: a retry with the same key has the same id everywhere. */
export const reservationIdOf = (userId: string, idempotencyKey: string): string => uuidv5(idempotencyKey, userId)

/** The id of a stored command: made of the owner and their idempotency key, because two owners may choose the same key. */
export const commandIdOf = (owner: string, idempotencyKey: string): string => uuidv5(idempotencyKey, owner)

/** The id of a payment attempt, which is also the provider's idempotency key. */
export const attemptIdOf = (reservationId: string, idempotencyKey: string): string => uuidv5(idempotencyKey, reservationId)

/** The id of the one order a reservation can become. */
export const orderIdOf = (reservationId: string): string => uuidv5("order", reservationId)

/** The id of a refund or a dispute that was made at the provider. @param ref the provider's name of it */
export const foundRefundIdOf = (attemptId: string, ref: string): string => uuidv5(ref, attemptId)

/** The first 32 bits of a user's UUID as a signed integer: enough for an ownership check, too little to name the user. */
export const ownerOf = (userId: string): number => firstWordOf(userId)

/** A 32-bit hash of the request, after defaults. It shows whether a key was used again with another request. */
export function bodyHashOf(skuId: string, quantity: number, joinWaitlist: boolean): number {
  return firstWordOf(hash("sha256", `${skuId}\n${quantity}\n${joinWaitlist}`, "hex"))
}

/** The 16 bytes of a canonical UUID. */
export function bytesFromUuid(uuid: string): Buffer {
  const bytes = Buffer.allocUnsafe(16)
  writeUuid(uuid, bytes, 0)
  return bytes
}

/** The index of each byte's first digit in the text of a UUID. */
const bytePositions = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]
const digitValues = new Uint8Array(128)
for (const digit of "0123456789abcdef") digitValues[digit.charCodeAt(0)] = Number.parseInt(digit, 16)

const scratchText = Buffer.alloc(36)

/**
 * Writes the 16 bytes of a canonical UUID; a batch of the writer has two thousand. `Buffer.from(text, "hex")` takes three times
 * as long, and reading the digits from the string itself takes 1.2 times as long as copying it first.
 */
export function writeUuid(uuid: string, to: Buffer, at: number): void {
  scratchText.write(uuid, "latin1")
  for (let index = 0; index < 16; index += 1) {
    const position = bytePositions[index] ?? 0
    to[at + index] = ((digitValues[scratchText[position] ?? 0] ?? 0) << 4) | (digitValues[scratchText[position + 1] ?? 0] ?? 0)
  }
}

/** The first eight hexadecimal digits of an id or a hash, as a signed integer. */
export function firstWordOf(hex: string): number {
  let word = 0
  for (let position = 0; position < 8; position += 1) word = (word << 4) | (digitValues[hex.charCodeAt(position)] ?? 0)
  return word
}

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))
const highDigits = Uint8Array.from(digits, (pair) => pair.charCodeAt(0))
const lowDigits = Uint8Array.from(digits, (pair) => pair.charCodeAt(1))
const text = Buffer.alloc(36, "-")

/**
 * The canonical text of the 16 bytes at `offset`. The digits are written one by one, and the string is made at once. A string
 * that is joined from pieces is flattened at its first look-up in a map, which takes twice as long in all.
 */
export function uuidFromBytes(bytes: Buffer, offset = 0): string {
  for (let index = 0; index < 16; index += 1) {
    const position = bytePositions[index] ?? 0
    const byte = bytes[offset + index] ?? 0
    text[position] = highDigits[byte] ?? 0
    text[position + 1] = lowDigits[byte] ?? 0
  }
  return text.toString("latin1")
}
