import { PageHeading } from "./heading.tsx"
import { Link } from "./link.tsx"
import { useShown } from "./page-context.ts"

/** An address that shows nothing. */
export function MissingView() {
  const { m } = useShown()
  return (
    <>
      <PageHeading text={m.missingPage} />
      <p>
        <Link to={{ view: "list" }}>{m.toAllSales}</Link>
      </p>
    </>
  )
}
