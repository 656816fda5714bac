import type { Template } from "aws-cdk-lib/assertions"
import { propertiesOf } from "./app-stack.ts"

interface HeadersConfig {
  readonly HeaderBehavior: string
  readonly Headers?: readonly string[]
}

export interface CachePolicy {
  readonly Name: string
  readonly MinTTL: number
  readonly DefaultTTL: number
  readonly MaxTTL: number
  readonly ParametersInCacheKeyAndForwardedToOrigin: { readonly HeadersConfig: HeadersConfig }
}

interface OriginRequestPolicy {
  readonly Name: string
  readonly HeadersConfig: HeadersConfig
}

const lowercase = ({ Headers = [] }: HeadersConfig): string[] => Headers.map((name) => name.toLowerCase())

export const cachePoliciesOf = (template: Template): CachePolicy[] =>
  propertiesOf<{ CachePolicyConfig: CachePolicy }>(template, "AWS::CloudFront::CachePolicy").map((one) => one.CachePolicyConfig)

/** The headers in the cache key of a policy, in lower case. */
export const keyHeaders = ({ ParametersInCacheKeyAndForwardedToOrigin: { HeadersConfig } }: CachePolicy): string[] =>
  lowercase(HeadersConfig)

export const originRequestPoliciesOf = (template: Template): OriginRequestPolicy[] =>
  propertiesOf<{ OriginRequestPolicyConfig: OriginRequestPolicy }>(template, "AWS::CloudFront::OriginRequestPolicy").map(
    (one) => one.OriginRequestPolicyConfig,
  )

/** The headers that an origin request policy passes on, in lower case. */
export function originRequestHeaders(template: Template, name: string): string[] {
  const found = originRequestPoliciesOf(template).find(({ Name }) => Name === name)
  if (found === undefined) throw new Error(`There is no origin request policy ${name}`)
  return lowercase(found.HeadersConfig)
}
