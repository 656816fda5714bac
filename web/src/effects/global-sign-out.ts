/**
 * Ends every session of a shopper at Cognito, on all devices. Amplify's `signOut({ global: true })` keeps silent when Cognito
 * does not answer, but a shopper who lost a phone must know.
 *
 * Source: docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GlobalSignOut.html
 *
 * @throws Error when Cognito did not do it, and fetch's errors
 */
export async function endAllSessions(region: string, accessToken: string): Promise<void> {
  const { ok, status } = await fetch(`https://cognito-idp.${region}.amazonaws.com/`, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AWSCognitoIdentityProviderService.GlobalSignOut",
    },
    body: JSON.stringify({ AccessToken: accessToken }),
  })
  if (!ok) throw new Error(`Cognito did not end the sessions: ${status}`)
}
