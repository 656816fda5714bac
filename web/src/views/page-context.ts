import { createContext } from "preact"
import { useContext } from "preact/hooks"
import type { StageConfig } from "../config/stage-config.ts"
import type { Keeper } from "../device/keeper.ts"
import type { Page } from "../effects/page.ts"
import type { PageState } from "../machine/page-state.ts"
import type { Words } from "../text/words.ts"

/** What every view may use: the state, the words, and the shopper's actions. */
export interface Shown extends Words {
  readonly page: Page
  readonly state: PageState
  readonly config: StageConfig
  readonly keeper: Keeper
  readonly openSignIn: () => void
}

export const ShownContext = createContext<Shown | undefined>(undefined)

/** @throws outside of the page */
export function useShown(): Shown {
  const shown = useContext(ShownContext)
  if (shown === undefined) throw new Error("A view is shown outside of the page")
  return shown
}
