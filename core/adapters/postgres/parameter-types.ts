/** How parameters of statements are sent (statement.ts). Arrays of a fixed element size are in binary-arrays.ts. */

export const integer = (value: number): number => value
/** Also for bigint columns: every count and every moment in microseconds is exact in a JavaScript number. */
export const bigint = (value: number): number => value
export const text = (value: string): string => value
export const uuid = (value: string): string => value
export const boolean = (value: boolean): boolean => value
export const bytes = (value: Buffer): Buffer => value
/** Text arrays, and integer arrays of a few elements, which the driver writes as text. */
export const textArray = (value: readonly (string | undefined)[]): readonly (string | undefined)[] => value
export const integerArray = (value: readonly number[]): readonly number[] => value

/** A parameter that may be null; undefined is null, too. */
export const nullable =
  <Value>(encode: (value: Value) => unknown) =>
  (value: Value | null | undefined): unknown =>
    value === null || value === undefined ? null : encode(value)
