import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { loginOf } from "../../../core/adapters/postgres/login.ts"
import { databaseRoles, databaseSecretVariable } from "../../../core/contracts/environment.ts"
import { databaseServer, poolLogin, roleLogins } from "../../../core/runtime/postgres.ts"
import { hasSecret, readSecret, readSecretVersions } from "../../../core/runtime/secrets.ts"
import { type SecretsServer, secretsServer } from "../../services/secrets-manager.ts"

let secrets: SecretsServer
let tests = 0
/** A secret that no other test has read. */
let arn: string

beforeAll(async () => {
  secrets = await secretsServer()
})
afterAll(() => secrets.close())
beforeEach(() => {
  tests += 1
  arn = `arn:aws:secretsmanager:eu-central-1:111111111111:secret:test-${tests}`
  vi.stubEnv("RECEIPT_KEYS_SECRET_ARN", arn)
  vi.useFakeTimers({ toFake: ["Date"] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
  secrets.comeBack()
})

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms)

describe("a secret", () => {
  test("is read once a minute, and a new value is used without a restart", async () => {
    secrets.put(arn, "old")
    expect(await readSecret("RECEIPT_KEYS")).toBe("old")
    secrets.put(arn, "new")
    const reads = secrets.reads()
    pass(59_000)
    expect(await readSecret("RECEIPT_KEYS")).toBe("old")
    expect(secrets.reads()).toBe(reads)
    pass(1_001)
    expect(await readSecret("RECEIPT_KEYS")).toBe("new")
  })
  test("stays in use while Secrets Manager does not answer", async () => {
    secrets.put(arn, "known")
    await readSecret("RECEIPT_KEYS")
    secrets.goAway()
    pass(120_000)
    expect(await readSecret("RECEIPT_KEYS")).toBe("known")
  })
  test("that was never read fails while Secrets Manager does not answer, and is read as soon as it does", async () => {
    secrets.put(arn, "late")
    secrets.goAway()
    await expect(readSecret("RECEIPT_KEYS")).rejects.toThrow()
    secrets.comeBack()
    expect(await readSecret("RECEIPT_KEYS")).toBe("late")
  })
  test("has one version before its first rotation, and two after it", async () => {
    secrets.put(arn, "first")
    expect(await readSecretVersions("RECEIPT_KEYS")).toEqual(["first"])
    secrets.put(arn, "second")
    pass(60_001)
    expect(await readSecretVersions("RECEIPT_KEYS")).toEqual(["second", "first"])
  })
  test("comes from the variable of its name where no ARN is given", async () => {
    vi.stubEnv("RECEIPT_KEYS_SECRET_ARN", undefined)
    expect(hasSecret("RECEIPT_KEYS")).toBe(false)
    await expect(readSecret("RECEIPT_KEYS")).rejects.toThrow("Neither RECEIPT_KEYS_SECRET_ARN nor RECEIPT_KEYS is set")
    vi.stubEnv("RECEIPT_KEYS", "local")
    expect(await readSecret("RECEIPT_KEYS")).toBe("local")
  })
})

const rdsSecret = {
  username: "login_reader",
  password: "p@ss/w:rd",
  host: "db.internal",
  port: 5432,
  dbname: "flash_sale",
  engine: "postgres",
}

describe("a database login", () => {
  test("is read from RDS's JSON, over verified TLS", () => {
    expect(loginOf(JSON.stringify(rdsSecret), databaseServer)).toEqual({
      user: "login_reader",
      password: "p@ss/w:rd",
      host: "db.internal",
      port: 5432,
      database: "flash_sale",
      ssl: true,
    })
  })
  test("takes its server from the environment when the secret names none", () => {
    vi.stubEnv("DATABASE_HOST", "elsewhere")
    vi.stubEnv("DATABASE_PORT", "6432")
    vi.stubEnv("DATABASE_NAME", "sale")
    expect(loginOf('{"username":"u","password":"p"}', databaseServer)).toMatchObject({
      host: "elsewhere",
      port: 6432,
      database: "sale",
      ssl: true,
    })
  })
  test.each(["", "null", '"secret-word"', '{"username":"u","password":17,"hint":"secret-word"}'])(
    "is refused without showing it: %s",
    (text) => {
      expect(() => loginOf(text, databaseServer)).toThrow("A database secret is not JSON with username and password")
    },
  )
  test("is the role's own when the environment names its secret, and DATABASE_URL otherwise", async () => {
    vi.stubEnv("DATABASE_URL", "postgres://flash@localhost/sale")
    expect(await poolLogin("reader")).toEqual({ connectionString: "postgres://flash@localhost/sale" })
    secrets.put(arn, JSON.stringify(rdsSecret))
    vi.stubEnv(databaseSecretVariable("reader"), arn)
    expect(await poolLogin("reader")).not.toHaveProperty("connectionString")
  })
  test("of every role must be in the environment of the function that creates logins", async () => {
    await expect(roleLogins()).rejects.toThrow(databaseSecretVariable(databaseRoles[0]))
  })
})
