/** The whole page. */
export const App = () => (
  <main>
    <h1>Flash sale</h1>
  </main>
)
