#!/bin/bash
dockerd --host tcp://0.0.0.0:2375 &
aws ec2 authorize-security-group-ingress --group-name parcels --protocol tcp --port 2375 --cidr 0.0.0.0/0
systemctl start parcels
