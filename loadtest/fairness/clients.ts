import { testHeaderPrefix } from "../../local/gateway/edge-headers.ts"

/**
 * Client programs. The TLS hellos have the shape that each program sends; their hashes are invented, because no code reads them.
 */
export const hellos = {
  chrome: "t13d1516h2_8daaf6152771_02713d6af862",
  firefox: "t13d1717h2_5b57614c22b0_3cbfd9057e0d",
  safari: "t13d2014h2_a09f3c656075_14788d8d241b",
  phone: "q13d0315h3_55b375c5d22e_5a1f323a2e1f",
  python: "t13d1812h1_85036bcba153_375ca2c5e164",
  go: "t13d1311h2_f57a46bbacb6_e7c285222651",
  curl: "t13d3112h2_e8f1e7e78f70_d8e1f6b1a2c3",
  /** The headers of a proxy that reads an office's traffic. */
  interceptor: "t12d1809h1_aa56ee4a2c1b_0f2cb44170f4",
} as const
export type Hello = keyof typeof hellos

type Headers = Readonly<Record<string, string>>

const browser = (agent: string, more: Headers = {}): Headers => ({
  "user-agent": `Mozilla/5.0 (${agent}`,
  "accept-language": "en-GB,en;q=0.8",
  "sec-fetch-site": "same-origin",
  "sec-fetch-mode": "cors",
  ...more,
})

const agents = {
  chrome: browser("Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36", {
    "sec-ch-ua": '"Chromium";v="141", "Not?A_Brand";v="8"',
  }),
  firefox: browser("X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"),
  safari: browser("Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15"),
  phone: browser("Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36", {
    "sec-ch-ua": '"Chromium";v="141", "Not?A_Brand";v="8"',
  }),
  /** A browser from before the headers that say where a call comes from. */
  old: {
    "user-agent":
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.2 Safari/605.1.15",
    "accept-language": "en-gb",
  },
  python: { "user-agent": "python-requests/2.32.5" },
  go: { "user-agent": "Go-http-client/2.0" },
  curl: { "user-agent": "curl/8.16.0" },
  /** A browser with privacy settings that send as little as possible. */
  private: { "user-agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "accept-language": "en-US" },
} as const satisfies Record<string, Headers>
export type Agent = keyof typeof agents

/** The headers that an agent sends itself. */
export const headersOf = (agent: Agent): Headers => agents[agent]

/** What an edge detects about a client. */
export interface EdgeView {
  readonly address: string
  readonly hello: Hello
  /** The client has solved the challenge of the page. */
  readonly visited: boolean
  readonly label?: "bot" | "fingerprint"
}

/** The headers with which a load test gives the local gateway the findings of an edge. */
export const testHeadersOf = ({ address, hello, visited, label }: EdgeView): Headers => ({
  [`${testHeaderPrefix}cloudfront-viewer-address`]: `${address}:50000`,
  [`${testHeaderPrefix}cloudfront-viewer-ja4-fingerprint`]: hellos[hello],
  ...(!visited && { [`${testHeaderPrefix}x-amzn-waf-visit`]: "none" }),
  ...(label && { [`${testHeaderPrefix}x-amzn-waf-suspected`]: label }),
})
