/** What a screen reader was last given to say. */
export interface Announced {
  readonly kind: string
  readonly text: string
  readonly atMs: number
}

/** A countdown or a position changes all the time. Nobody wants to hear each change. */
export const announcementPauseMs = 10_000

/** What a screen reader says next: a new state at once, new numbers of the same state at most every ten seconds. */
export function nextAnnouncement(last: Announced | undefined, kind: string, text: string, nowMs: number): Announced | undefined {
  if (last === undefined || last.kind !== kind) return { kind, text, atMs: nowMs }
  if (last.text === text || Math.abs(nowMs - last.atMs) < announcementPauseMs) return last
  return { kind, text, atMs: nowMs }
}
