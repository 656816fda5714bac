/**
 * Ignores the second click of a double click on a button. By then the page may show another button at that place: a double click
 * on "Reserve" must not give the units back. A click by keyboard has no count and always works.
 */
export function ignoreSecondClicks(target: Document): void {
  target.addEventListener(
    "click",
    (event) => {
      const isOnButton = event.target instanceof Element && event.target.closest("button") !== null
      if (event.detail < 2 || !isOnButton) return
      event.preventDefault()
      event.stopPropagation()
    },
    { capture: true },
  )
}
