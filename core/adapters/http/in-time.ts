/** The time of the function, or of its route, ran out before the endpoint answered. */
export class TimeIsUp extends Error {}

/**
 * Settles as the answer does, or fails after `withinMs`; a later result is ignored. It takes one promise and one timer. The early
 * timeout of middy takes a race of two promises more.
 * @throws TimeIsUp
 */
export const inTime = <Answer>(answer: Promise<Answer>, withinMs: number): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new TimeIsUp("The function's time is up")), Math.max(0, withinMs))
    answer.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
