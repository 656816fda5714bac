import { Stack, type StackProps } from "aws-cdk-lib"
import type { Construct } from "constructs"
import type { StageConfig } from "../config.ts"
import { AnalyticsData } from "../constructs/analytics-data.ts"
import { AnalyticsReplica } from "../constructs/analytics-replica.ts"
import { Cache } from "../constructs/cache.ts"
import { Database } from "../constructs/database.ts"
import { EventLog } from "../constructs/event-log.ts"
import { LedgerArchive } from "../constructs/ledger-archive.ts"
import type { Network } from "../constructs/network.ts"
import { NoticesTable } from "../constructs/notices-table.ts"
import { Secrets } from "../constructs/secrets.ts"

export interface DataStackProps extends StackProps {
  readonly stage: StageConfig
  readonly network: Network
}

/**
 * Everything that holds data: Kafka orders requests, PostgreSQL has the ledger, Valkey has projections. A deployment of code
 * replaces nothing here.
 */
export class DataStack extends Stack {
  readonly log: EventLog
  readonly database: Database
  readonly cache: Cache
  readonly secrets: Secrets
  readonly archive: LedgerArchive
  readonly analytics: AnalyticsData
  readonly notices: NoticesTable
  /** The names of the copies for analysts, for their alarm. */
  readonly analyticsReplicas: readonly string[]

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props)
    const { stage, network } = props
    this.log = new EventLog(this, "Log", { stage, network })
    this.database = new Database(this, "Database", { stage, network })
    this.cache = new Cache(this, "Cache", { stage, network })
    this.secrets = new Secrets(this, "Secrets", { stage })
    this.archive = new LedgerArchive(this, "Archive", { stage })
    this.analytics = new AnalyticsData(this, "AnalyticsData", { stage })
    this.notices = new NoticesTable(this, "Notices", { stage })
    this.analyticsReplicas = Array.from({ length: stage.database.analyticsReplicas }, (_, index) => {
      const replica = new AnalyticsReplica(this, `Analytics${index + 1}`, { stage, network, database: this.database })
      return replica.instanceIdentifier
    })
  }
}
