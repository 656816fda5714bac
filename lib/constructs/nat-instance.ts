import { Validations } from "aws-cdk-lib"
import { CfnInstance, InstanceType, NatInstanceProviderV2, NatTrafficDirection, Peer, Port } from "aws-cdk-lib/aws-ec2"

/** The root volume of Amazon Linux 2023, by the name that its image gives it. */
const rootDevice = "/dev/xvda"
const rootGiB = 8

/** One instance that forwards what functions send to the services of AWS and to the payment provider. */
export const natInstances = (instanceType: string): NatInstanceProviderV2 =>
  new NatInstanceProviderV2({
    instanceType: new InstanceType(instanceType),
    // CDK would let in everything from everywhere.
    defaultAllowedTraffic: NatTrafficDirection.OUTBOUND_ONLY,
    associatePublicIpAddress: true,
  })

/** Lets in what the network sends to port 443 and nothing from outside, and encrypts the disk. */
export function hardenInstances(instances: NatInstanceProviderV2, cidr: string): void {
  instances.connections.allowFrom(Peer.ipv4(cidr), Port.tcp(443), "what functions send")
  for (const instance of instances.gatewayInstances) {
    const { defaultChild } = instance.node
    if (!CfnInstance.isCfnInstance(defaultChild)) throw new Error("The NAT instance has no resource to encrypt the disk of")
    defaultChild.blockDeviceMappings = [
      { deviceName: rootDevice, ebs: { encrypted: true, volumeSize: rootGiB, volumeType: "gp3", deleteOnTermination: true } },
    ]
    Validations.of(instance).acknowledge(
      { id: "AwsSolutions-EC28", reason: "A trial needs no figures of its way out every minute: each costs money." },
      { id: "AwsSolutions-EC29", reason: "A trial is removed with one command; the instance keeps nothing." },
    )
  }
}
