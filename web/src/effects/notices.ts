import type { Notice } from "../machine/purchase-state.ts"

/** What makes a shopper who looks elsewhere come back: the tab's title, and a sound if they want it. */
export interface Notices {
  readonly show: (notice: Notice, title: string, isSoundOn: boolean) => void
  /** The shopper looks at the page: the title is the page's own again. */
  readonly seen: () => void
  /** Sounds are allowed only after the shopper has used the page once. */
  readonly arm: () => void
}

const titleSwapMs = 1_000
const toneHertz = [660, 880]
const toneSeconds = 0.18

export function createNotices(): Notices {
  let audio: AudioContext | undefined
  let swap: number | undefined
  let ownTitle: string | undefined

  function seen(): void {
    if (swap !== undefined) window.clearInterval(swap)
    swap = undefined
    if (ownTitle !== undefined) document.title = ownTitle
    ownTitle = undefined
  }

  return {
    show(notice, title, isSoundOn) {
      if (document.hidden) {
        seen()
        ownTitle = document.title
        const own = ownTitle
        let isOwn = false
        document.title = `● ${title}`
        swap = window.setInterval(() => {
          isOwn = !isOwn
          document.title = isOwn ? own : `● ${title}`
        }, titleSwapMs)
      }
      if (notice === "promoted" && isSoundOn && audio !== undefined) play(audio)
    },
    seen,
    arm() {
      audio ??= typeof AudioContext === "undefined" ? undefined : new AudioContext()
      if (audio?.state === "suspended") audio.resume().catch(() => undefined)
    },
  }
}

function play(audio: AudioContext): void {
  for (const [index, hertz] of toneHertz.entries()) {
    const tone = audio.createOscillator()
    const volume = audio.createGain()
    const startsAt = audio.currentTime + index * toneSeconds
    tone.frequency.value = hertz
    volume.gain.setValueAtTime(0.15, startsAt)
    volume.gain.exponentialRampToValueAtTime(0.001, startsAt + toneSeconds)
    tone.connect(volume).connect(audio.destination)
    tone.start(startsAt)
    tone.stop(startsAt + toneSeconds)
  }
}
