/** "We hold 1 unit for you until 10:32:00." */
export const holds = (quantity: number): RegExp =>
  new RegExp(`We hold ${quantity === 1 ? "1 unit" : `${quantity} units`} for you until \\d{1,2}:\\d{2}`)
