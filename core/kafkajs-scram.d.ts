// A part of kafkajs 2.2.4 that its types leave out.
declare module "kafkajs/src/broker/saslAuthenticator/scram512.js" {
  import type { Mechanism } from "kafkajs"

  const scramSha512: (login: { readonly username: string; readonly password: string }) => Mechanism["authenticationProvider"]
  export default scramSha512
}
