"""How AWS Config records what CloudFormation calls otherwise, for the types that Config knew before CloudFormation.

Newer types are recorded in CloudFormation's own spelling and need no entry. `PROPERTIES` maps, by type, a recorded
key (dotted; `+` reads supplementary configuration) to a property path; keys not listed are capitalised. A property
that stands here and is not recorded is absent; one that stands nowhere is unmapped.
Source: recorded items as the service documents them (AWS Config developer guide, resource types and their schemas).
"""

from __future__ import annotations

TYPES = {
    "AWS::ACM::Certificate": "AWS::CertificateManager::Certificate",
    "AWS::OpenSearch::Domain": "AWS::OpenSearchService::Domain",
    "AWS::IAM::Policy": "AWS::IAM::ManagedPolicy",
}

NAMES = {
    # type -> property that holds the resource's own name or id, for references between items
    "AWS::S3::Bucket": "BucketName", "AWS::EC2::SecurityGroup": "GroupId", "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName", "AWS::IAM::Group": "GroupName", "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::Lambda::Function": "FunctionName", "AWS::DynamoDB::Table": "TableName", "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName", "AWS::RDS::DBInstance": "DBInstanceIdentifier", "AWS::KMS::Key": "KeyId",
    "AWS::RDS::DBCluster": "DBClusterIdentifier", "AWS::CloudTrail::Trail": "TrailName",
}

PROPERTIES: dict[str, dict[str, str]] = {
    "AWS::S3::Bucket": {
        "name": "BucketName",
        "+BucketVersioningConfiguration.status": "VersioningConfiguration.Status",
        "+BucketLoggingConfiguration.destinationBucketName": "LoggingConfiguration.DestinationBucketName",
        "+BucketLoggingConfiguration.logFilePrefix": "LoggingConfiguration.LogFilePrefix",
        "+PublicAccessBlockConfiguration": "PublicAccessBlockConfiguration",
        "+ServerSideEncryptionConfiguration.rules": "BucketEncryption.ServerSideEncryptionConfiguration",
        "+BucketLifecycleConfiguration": "LifecycleConfiguration",
    },
    "AWS::EC2::SecurityGroup": {
        "groupId": "GroupId", "groupName": "GroupName", "description": "GroupDescription", "vpcId": "VpcId",
        "ipPermissions": "SecurityGroupIngress", "ipPermissionsEgress": "SecurityGroupEgress",
    },
    "AWS::EC2::Volume": {
        "encrypted": "Encrypted", "kmsKeyId": "KmsKeyId", "size": "Size", "volumeType": "VolumeType",
        "availabilityZone": "AvailabilityZone", "iops": "Iops", "snapshotId": "SnapshotId", "tags": "Tags",
    },
    "AWS::EC2::Instance": {
        "imageId": "ImageId", "instanceType": "InstanceType", "subnetId": "SubnetId", "keyName": "KeyName",
        "iamInstanceProfile.arn": "IamInstanceProfile", "ebsOptimized": "EbsOptimized",
        "monitoring.state": "Monitoring", "metadataOptions": "MetadataOptions", "publicIpAddress": "PublicIpAddress",
        "tags": "Tags",
    },
    "AWS::EC2::Subnet": {
        "mapPublicIpOnLaunch": "MapPublicIpOnLaunch", "cidrBlock": "CidrBlock", "vpcId": "VpcId",
        "assignIpv6AddressOnCreation": "AssignIpv6AddressOnCreation", "tags": "Tags",
    },
    "AWS::RDS::DBInstance": {
        "dBInstanceIdentifier": "DBInstanceIdentifier", "dBInstanceClass": "DBInstanceClass",
        "multiAZ": "MultiAZ", "iAMDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
        "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
        "performanceInsightsEnabled": "EnablePerformanceInsights", "dBClusterIdentifier": "DBClusterIdentifier",
        "cACertificateIdentifier": "CACertificateIdentifier",
    },
    "AWS::RDS::DBCluster": {
        "dBClusterIdentifier": "DBClusterIdentifier",
        "iAMDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
        "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
    },
    "AWS::IAM::Role": {
        "roleName": "RoleName", "path": "Path", "assumeRolePolicyDocument": "AssumeRolePolicyDocument",
        "rolePolicyList": "Policies", "attachedManagedPolicies": "ManagedPolicyArns",
        "permissionsBoundary.permissionsBoundaryArn": "PermissionsBoundary", "tags": "Tags",
    },
    "AWS::IAM::User": {
        "userName": "UserName", "path": "Path", "userPolicyList": "Policies",
        "attachedManagedPolicies": "ManagedPolicyArns", "groupList": "Groups",
        "permissionsBoundary.permissionsBoundaryArn": "PermissionsBoundary", "tags": "Tags",
    },
    "AWS::IAM::Group": {
        "groupName": "GroupName", "path": "Path", "groupPolicyList": "Policies",
        "attachedManagedPolicies": "ManagedPolicyArns",
    },
    "AWS::IAM::ManagedPolicy": {
        "policyName": "ManagedPolicyName", "path": "Path", "description": "Description",
        "policyVersionList": "PolicyDocument",
    },
    "AWS::Lambda::Function": {
        "functionName": "FunctionName", "runtime": "Runtime", "role": "Role", "handler": "Handler",
        "timeout": "Timeout", "memorySize": "MemorySize", "kMSKeyArn": "KmsKeyArn", "kmsKeyArn": "KmsKeyArn",
        "environment": "Environment", "vpcConfig": "VpcConfig", "tracingConfig": "TracingConfig",
        "deadLetterConfig": "DeadLetterConfig", "layers": "Layers", "packageType": "PackageType",
        "architectures": "Architectures",
    },
    "AWS::CloudTrail::Trail": {
        "name": "TrailName", "s3BucketName": "S3BucketName", "isMultiRegionTrail": "IsMultiRegionTrail",
        "logFileValidationEnabled": "EnableLogFileValidation", "kmsKeyId": "KMSKeyId",
        "cloudWatchLogsLogGroupArn": "CloudWatchLogsLogGroupArn",
        "cloudWatchLogsRoleArn": "CloudWatchLogsRoleArn", "snsTopicARN": "SnsTopicName",
        "includeGlobalServiceEvents": "IncludeGlobalServiceEvents",
        "isOrganizationTrail": "IsOrganizationTrail",
    },
    "AWS::KMS::Key": {
        "keyId": "KeyId", "description": "Description", "enabled": "Enabled", "keyUsage": "KeyUsage",
        "+KeyRotationStatus": "EnableKeyRotation", "+Policy": "KeyPolicy",
        "keySpec": "KeySpec", "multiRegion": "MultiRegion",
    },
    "AWS::SQS::Queue": {
        "KmsMasterKeyId": "KmsMasterKeyId", "SqsManagedSseEnabled": "SqsManagedSseEnabled",
        "VisibilityTimeout": "VisibilityTimeout", "MessageRetentionPeriod": "MessageRetentionPeriod",
    },
    "AWS::DynamoDB::Table": {
        "tableName": "TableName", "sSEDescription.status": "SSESpecification.SSEEnabled",
        "sSEDescription.sSEType": "SSESpecification.SSEType",
        "sSEDescription.kMSMasterKeyArn": "SSESpecification.KMSMasterKeyId",
        "provisionedThroughput": "ProvisionedThroughput", "billingModeSummary.billingMode": "BillingMode",
        "deletionProtectionEnabled": "DeletionProtectionEnabled",
        "+ContinuousBackups.pointInTimeRecoveryDescription.pointInTimeRecoveryStatus":
            "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
    },
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {
        "loadBalancerName": "Name", "scheme": "Scheme", "type": "Type", "securityGroups": "SecurityGroups",
        "+LoadBalancerAttributes": "LoadBalancerAttributes", "ipAddressType": "IpAddressType",
    },
}

ENABLED_WORDS = frozenset(("ENABLED", "enabled", "Enabled", "UPDATING"))
AS_BOOLEAN = frozenset((
    "SSESpecification.SSEEnabled", "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", "Monitoring",
))
