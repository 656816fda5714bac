/** What becomes of a resource when its stack is deleted. */
export interface Fate {
  /**
   * In a stage that keeps its data: `kept` with the data, or it `goes`. `both`: of this type some hold data and some do not;
   * `keptWhere` says which are kept.
   */
  readonly prod: "kept" | "goes" | "both"
  readonly keptWhere?: RegExp
  /** What makes it so, in a stage that goes as well. */
  readonly because: string
}

const goes = (because: string): Fate => ({ prod: "goes", because })
const kept = (because: string): Fate => ({ prod: "kept", because })

const setting = goes("a setting: nothing is in it, and nothing outside of the stage refers to it")
const alone = goes("CloudFormation deletes it before what it refers to")

/**
 * Every type of resource in the templates. A type that is missing here fails the test: say what becomes of it, and see that it
 * does.
 */
export const fates: Readonly<Record<string, Fate>> = {
  "AWS::ApiGatewayV2::Api": setting,
  "AWS::ApiGatewayV2::ApiMapping": setting,
  "AWS::ApiGatewayV2::DomainName": setting,
  "AWS::ApiGatewayV2::Integration": setting,
  "AWS::ApiGatewayV2::Route": setting,
  "AWS::ApiGatewayV2::Stage": goes("its log group is in the template"),
  "AWS::Budgets::Budget": setting,
  "AWS::CertificateManager::Certificate": goes("the record that proved the domain stays in its zone (docs/DEPLOY.md)"),
  "AWS::CloudFormation::CustomResource": goes("our functions do nothing at a deletion, and answer without a connection"),
  "AWS::CloudFront::CachePolicy": alone,
  "AWS::CloudFront::Distribution": goes("CloudFormation turns it off first, which takes minutes"),
  "AWS::CloudFront::Function": goes("a function of CloudFront has no copies to wait for, unlike Lambda@Edge"),
  "AWS::CloudFront::KeyValueStore": alone,
  "AWS::CloudFront::OriginAccessControl": alone,
  "AWS::CloudFront::OriginRequestPolicy": alone,
  "AWS::CloudFront::ResponseHeadersPolicy": alone,
  "AWS::CloudWatch::Alarm": setting,
  "AWS::CloudWatch::CompositeAlarm": alone,
  "AWS::CloudWatch::Dashboard": setting,
  "AWS::CodeDeploy::Application": setting,
  "AWS::CodeDeploy::DeploymentConfig": setting,
  "AWS::CodeDeploy::DeploymentGroup": setting,
  "AWS::Cognito::UserPool": kept("users; a stage that goes has no deletion protection"),
  "AWS::Cognito::UserPoolClient": kept("tokens name the clients of the kept pool"),
  "AWS::Cognito::UserPoolGroup": kept("the members of a group are in the group"),
  "AWS::Cognito::UserPoolResourceServer": kept("scopes of the kept clients"),
  "AWS::DynamoDB::GlobalTable": kept("what became of notices; a stage that goes has no recovery, whose backup would stay"),
  "AWS::DynamoDB::Table": kept("the figures; a stage that goes has no recovery, whose backup would stay"),
  "AWS::EC2::EIP": alone,
  "AWS::EC2::FlowLog": goes("its role may not make a log group"),
  "AWS::EC2::Instance": alone,
  "AWS::EC2::InternetGateway": alone,
  "AWS::EC2::NatGateway": alone,
  "AWS::EC2::Route": alone,
  "AWS::EC2::RouteTable": alone,
  "AWS::EC2::SecurityGroup": {
    prod: "both",
    keptWhere: /(Database|Brokers|Replica|Standby)SecurityGroup/,
    because: "AWS refuses to delete the group of a kept database or cluster; functions go before theirs",
  },
  "AWS::EC2::SecurityGroupEgress": alone,
  "AWS::EC2::SecurityGroupIngress": alone,
  "AWS::EC2::Subnet": { prod: "both", keptWhere: /dataSubnet\d/, because: "a kept database or cluster is in it" },
  "AWS::EC2::SubnetRouteTableAssociation": alone,
  "AWS::EC2::VPC": kept("a kept database or cluster is in it"),
  "AWS::EC2::VPCEndpoint": alone,
  "AWS::EC2::VPCGatewayAttachment": alone,
  "AWS::ElastiCache::ParameterGroup": alone,
  "AWS::ElastiCache::ReplicationGroup": goes("projections, which are written again from PostgreSQL; it takes no snapshots"),
  "AWS::ElastiCache::SubnetGroup": alone,
  "AWS::Events::Rule": setting,
  "AWS::IAM::InstanceProfile": alone,
  "AWS::IAM::ManagedPolicy": goes("detach it from people's roles first: IAM deletes no attached policy (docs/DEPLOY.md)"),
  "AWS::IAM::OIDCProvider": setting,
  "AWS::IAM::Policy": goes("each function depends on it: it stays until the network interfaces are gone"),
  "AWS::IAM::Role": setting,
  "AWS::KMS::Key": {
    prod: "both",
    keptWhere: /^(?!TopicsKey)/,
    because: "no data is read without it, and no snapshot; one that goes waits 7 days, the least that KMS takes",
  },
  "AWS::Lambda::Alias": alone,
  "AWS::Lambda::CapacityProvider": goes("its function goes before it"),
  "AWS::Lambda::EventInvokeConfig": alone,
  "AWS::Lambda::EventSourceMapping": alone,
  "AWS::Lambda::Function": goes("its log group is in the template, and it may not make one"),
  "AWS::Lambda::LayerVersion": setting,
  "AWS::Lambda::Permission": setting,
  "AWS::Lambda::Version": alone,
  "AWS::Logs::LogGroup": { prod: "both", keptWhere: /^(?!FirewallRefused)/, because: "what happened in a sale" },
  "AWS::MSK::BatchScramSecret": alone,
  "AWS::MSK::Cluster": kept("accepted requests"),
  "AWS::MSK::ClusterPolicy": alone,
  "AWS::MSK::Configuration": kept("the kept cluster uses it"),
  "AWS::MSK::Replicator": alone,
  "AWS::MSK::Topic": kept("accepted requests"),
  "AWS::RDS::DBInstance": kept("the ledger; a stage that goes leaves no snapshot, which is CloudFormation's default"),
  "AWS::RDS::DBParameterGroup": kept("the kept database uses it"),
  "AWS::RDS::DBSubnetGroup": kept("the kept database is in it"),
  "AWS::Route53::HealthCheck": setting,
  "AWS::Route53::RecordSet": setting,
  "AWS::S3::Bucket": kept("the ledger's heads, the page, reports; one that goes is emptied first"),
  "AWS::S3::BucketPolicy": goes("the function that empties the bucket changes it first"),
  "AWS::SES::ConfigurationSet": setting,
  "AWS::SES::ConfigurationSetEventDestination": alone,
  "AWS::SNS::Subscription": alone,
  "AWS::SNS::Topic": goes("it keeps no message"),
  "AWS::SNS::TopicPolicy": alone,
  "AWS::SQS::Queue": goes("pages and schedules that failed: they were looked at, or they are too old"),
  "AWS::SQS::QueuePolicy": alone,
  "AWS::SSM::Parameter": setting,
  "AWS::Scheduler::Schedule": setting,
  "AWS::SecretsManager::ResourcePolicy": alone,
  "AWS::SecretsManager::RotationSchedule": goes("with the stack of its function; the log group of that is in our template"),
  "AWS::SecretsManager::Secret": kept("the logins of the kept database, the keys of receipts"),
  "AWS::SecretsManager::SecretTargetAttachment": alone,
  "AWS::Shield::Protection": setting,
  "AWS::WAFv2::LoggingConfiguration": alone,
  "AWS::WAFv2::WebACL": alone,
  "Custom::AWS": goes("it calls nothing at a deletion"),
  "Custom::CDKBucketDeployment": goes("it removes what it copied"),
  "Custom::S3AutoDeleteObjects": goes("it empties its bucket, before the bucket is deleted"),
}
