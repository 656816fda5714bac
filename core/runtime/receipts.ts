import { createReceipts } from "../adapters/receipts.ts"
import { readSecret } from "./secrets.ts"

/** The receipts of this process, signed with RECEIPT_KEYS. They hold no connection. */
export const receipts = createReceipts(() => readSecret("RECEIPT_KEYS"))
