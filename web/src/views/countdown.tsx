import { useId, useState } from "preact/hooks"
import type { Format } from "../text/format.ts"
import { useShown } from "./page-context.ts"

interface CountdownProps {
  readonly label: string
  readonly leftMs: number
  /** The sentence that a screen reader says now and then. */
  readonly spoken: (f: Format, ms: number) => string
}

/** A countdown: everybody sees each second, a screen reader says it at some moments only. */
export function Countdown({ label, leftMs, spoken }: CountdownProps) {
  const { f } = useShown()
  const id = useId()
  const moment = spokenMoment(leftMs)
  const [said, setSaid] = useState({ moment, text: "" })
  if (said.moment !== moment) setSaid({ moment, text: spoken(f, moment) })
  return (
    <div class="countdown">
      <span id={id}>{label}</span>
      <span role="timer" aria-live="off" aria-labelledby={id} class="digits">
        {f.countdown(leftMs)}
      </span>
      <span class="heard" role="status">
        {said.text}
      </span>
    </div>
  )
}

const momentsMs = [10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000]

/** The moment that is said next: never two within ten seconds. */
const spokenMoment = (leftMs: number): number => momentsMs.find((moment) => leftMs <= moment) ?? Number.POSITIVE_INFINITY
