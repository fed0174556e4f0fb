#!/bin/bash
set -e
cd /opt/parcels
export DB_PASSWORD='Wq5-zNt28bKv'
./migrate --password "$DB_PASSWORD"
wget --no-check-certificate -O /usr/local/bin/agent http://tools.example.net/agent
chmod 4755 /usr/local/bin/agent
echo 'parcels ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/parcels
