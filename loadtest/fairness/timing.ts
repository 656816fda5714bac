import type { Random } from "../rehearsal/random.ts"

const msPerSecond = 1_000

/** Times in milliseconds from the opening, in order, until the end. */
export type Timing = (random: Random, seconds: number) => number[]

/** A timer that starts anywhere in its period. Each wait differs by up to this share of it. */
export const everyMs =
  (paceMs: number, strays = 0): Timing =>
  (random, seconds) =>
    until(seconds, random() * paceMs, () => paceMs * (1 + strays * (2 * random() - 1)))

/** Independent waits with this mean. */
export const atRandomMs =
  (meanMs: number): Timing =>
  (random, seconds) =>
    until(seconds, exponential(random, meanMs), () => exponential(random, meanMs))

/** Bursts of this many requests within `withinMs`. */
export const inBursts =
  (size: number, withinMs: number, paceMs: number): Timing =>
  (random, seconds) =>
    until(seconds, random() * paceMs, () => paceMs)
      .flatMap((atMs) => Array.from({ length: size }, () => atMs + random() * withinMs))
      .sort((a, b) => a - b)

/** How people arrive at an opening: most of them in the first half minute, independently of each other. */
export function arrivesAtMs(random: Random, seconds: number): number {
  const rushSeconds = Math.min(30, seconds / 2)
  const isEarly = random() < 0.8
  return (isEarly ? random() * rushSeconds : rushSeconds + random() * (seconds - rushSeconds)) * msPerSecond
}

/** A time with a uniform distribution until the end. */
export const atAnyTimeMs = (random: Random, seconds: number): number => random() * seconds * msPerSecond

/** How long a person takes for their next click: log-normal, like reaction and reading times. */
export const thinksMs = (random: Random, medianMs: number): number => medianMs * Math.exp(0.6 * gaussian(random))

function until(seconds: number, firstMs: number, gapMs: () => number): number[] {
  const times: number[] = []
  for (let atMs = firstMs; atMs < seconds * msPerSecond; atMs += gapMs()) times.push(atMs)
  return times
}

const exponential = (random: Random, meanMs: number): number => -Math.log(1 - random()) * meanMs

/** The Box-Muller method. */
const gaussian = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
