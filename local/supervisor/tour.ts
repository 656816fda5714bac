import type { StateFolder } from "../services/state-folder.ts"
import type { System } from "./system.ts"

/** The text after a start: addresses, connection strings, and commands to paste into a shell. */
export function tour({ environment, services }: System, folder: StateFolder): string {
  const base = environment.BASE_URL ?? ""
  const json = "-H 'Content-Type: application/json'"
  const asAlice = `-H "Authorization: Bearer $TOKEN"`
  return `
  The shop    ${base}/
  API         ${base}   (${base}/openapi.json, ${base}/metrics)
  PostgreSQL  psql '${environment.DATABASE_URL}?options=-c%20role%3Dflash_reader'
  Redis       redis-cli -u ${services.redisUrl}
  Kafka       bootstrap server ${services.kafkaBrokers}
  Mails       ${folder.path("mails")}   (npm run ops -- notices)
  Pages       ${folder.path("pages.jsonl")}   (npm run ops -- alarms)
  Logs        ${folder.path("logs")}   (npm run logs -- kafka -f)
  Also        npm run status | npm run rehearse | npm run ops -- --help | npm stop

  Try a purchase, in another terminal:

    BASE=${base}
    TOKEN=$(npm run --silent token -- --user alice)
    curl -s $BASE/v1/skus/sku-001/availability
    ID=$(curl -s $BASE/v1/reservations ${asAlice} ${json} \\
         -H "Idempotency-Key: tour-$RANDOM$RANDOM" -d '{"sku_id":"sku-001","quantity":1}' | tee /dev/stderr | sed 's/.*"reservation_id":"\\([^"]*\\).*/\\1/')
    curl -s $BASE/v1/reservations/$ID ${asAlice}
    curl -s $BASE/v1/reservations/$ID/checkout ${asAlice} ${json} \\
         -H "Idempotency-Key: payment-$RANDOM" -d '{"payment_method":"pm_card_visa"}'
    curl -s $BASE/v1/orders ${asAlice}
    curl -s -X DELETE $BASE/v1/reservations/$ID ${asAlice}    # cancels a held reservation; a paid one stays
`
}
