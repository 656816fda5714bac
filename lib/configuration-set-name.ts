import type { StageConfig } from "./config.ts"

/** The configuration set of Amazon SES with which a stage sends its mails. */
export const configurationSetName = ({ name }: Pick<StageConfig, "name">): string => `flash-sale-${name}`
