// SPDX-License-Identifier: GPL-2.0
/*
 * Paths, as the netlink family has them.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "compat.h"
#include "device.h"
#include "netlink.h"
#include "netlink_gen.h"
#include "path.h"
#include "policy.h"

static int netcoal_nl_read_device(struct genl_info *info, struct nlattr *name,
				  struct netcoal_path_stage *stage)
{
	if (!dev_valid_name(nla_data(name))) {
		NL_SET_ERR_MSG_ATTR(info->extack, name, "not a device name");
		return -EINVAL;
	}
	strscpy(stage->name, netcoal_device_name(genl_info_net(info), nla_data(name)),
		sizeof(stage->name));
	return 0;
}

static int netcoal_nl_read_stage(struct genl_info *info, struct nlattr *nla,
				 struct netcoal_path *path)
{
	struct netcoal_path_stage *stage = &path->stage[path->nr_stages];
	struct nlattr *tb[NETCOAL_A_PATH_STAGE_MAX + 1];
	struct nlattr *name, *remote;
	int err;

	NL_SET_BAD_ATTR(info->extack, nla);
	if (path->nr_stages == NETCOAL_STAGES_MAX)
		return netcoal_nl_missing(info, "too many stages");
	err = nla_parse_nested(tb, NETCOAL_A_PATH_STAGE_MAX, nla,
			       netcoal_path_stage_nl_policy, info->extack);
	if (err)
		return err;
	name = tb[NETCOAL_A_PATH_STAGE_IFNAME];
	remote = tb[NETCOAL_A_PATH_STAGE_REMOTE_NS];
	if (!name == !remote)
		return netcoal_nl_missing(info, "stage is either a device or remote");
	memset(stage, 0, sizeof(*stage));
	path->nr_stages++;
	if (name)
		return netcoal_nl_read_device(info, name, stage);
	stage->figures.remote_ns = nla_get_u32(remote);
	if (!stage->figures.remote_ns)
		return netcoal_nl_missing(info, "remote stage keeps nothing");
	return 0;
}

/* The stages of a request replace all that there were. */
static int netcoal_nl_read_path(struct genl_info *info, struct netcoal_path *path)
{
	struct nlattr *nla;
	int rem, err;

	if (info->attrs[NETCOAL_A_PATH_LATENCY_NS])
		path->latency_ns = nla_get_u32(info->attrs[NETCOAL_A_PATH_LATENCY_NS]);
	if (info->attrs[NETCOAL_A_PATH_STAGE])
		path->nr_stages = 0;
	nla_for_each_attr(nla, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem) {
		if (nla_type(nla) != NETCOAL_A_PATH_STAGE)
			continue;
		err = netcoal_nl_read_stage(info, nla, path);
		if (err)
			return err;
	}
	if (info->attrs[NETCOAL_A_PATH_STAGE])
		NL_SET_BAD_ATTR(info->extack, info->attrs[NETCOAL_A_PATH_STAGE]);
	else if (info->attrs[NETCOAL_A_PATH_LATENCY_NS])
		NL_SET_BAD_ATTR(info->extack, info->attrs[NETCOAL_A_PATH_LATENCY_NS]);
	return netcoal_path_check(path, info->extack);
}

/* The path that a request names; NULL and the error in *err if none. */
static struct netcoal_path *netcoal_nl_path(struct genl_info *info, int *err)
{
	struct nlattr *name = info->attrs[NETCOAL_A_PATH_NAME];
	struct netcoal_path *path;

	if (!name) {
		*err = netcoal_nl_missing(info, "path name is missing");
		return NULL;
	}
	path = netcoal_path_find(genl_info_net(info), nla_data(name));
	if (!path)
		*err = netcoal_nl_bad(info, NETCOAL_A_PATH_NAME, "no such path", -ENOENT);
	return path;
}

int netcoal_nl_path_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *name = info->attrs[NETCOAL_A_PATH_NAME];
	struct netcoal_path *path;
	int err;

	if (!name)
		return netcoal_nl_missing(info, "path name is missing");
	if (!info->attrs[NETCOAL_A_PATH_LATENCY_NS])
		return netcoal_nl_missing(info, "latency is missing");
	path = kzalloc(sizeof(*path), GFP_KERNEL);
	if (!path)
		return -ENOMEM;
	NL_SET_BAD_ATTR(info->extack, name);
	strscpy(path->name, nla_data(name), sizeof(path->name));
	rtnl_lock();
	err = netcoal_policy_check_name(path->name, info->extack) ?:
	      netcoal_nl_read_path(info, path);
	if (!err) {
		NL_SET_BAD_ATTR(info->extack, name);
		err = netcoal_path_add(genl_info_net(info), path, info->extack);
	}
	rtnl_unlock();
	kfree(path);
	return err;
}

int netcoal_nl_path_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct netcoal_path *path, *new = kzalloc(sizeof(*new), GFP_KERNEL);
	int err = 0;

	if (!new)
		return -ENOMEM;
	rtnl_lock();
	path = netcoal_nl_path(info, &err);
	if (path) {
		*new = *path;
		err = netcoal_nl_read_path(info, new);
	}
	if (!err)
		netcoal_path_change(genl_info_net(info), path, new);
	rtnl_unlock();
	kfree(new);
	return err;
}

int netcoal_nl_path_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct netcoal_path *path;
	int err = 0;

	rtnl_lock();
	path = netcoal_nl_path(info, &err);
	if (path)
		netcoal_path_del(genl_info_net(info), path);
	rtnl_unlock();
	return err;
}

static int netcoal_nl_put_stage_device(struct sk_buff *skb,
				       const struct netcoal_path_stage *stage)
{
	const struct netcoal_device *nd = stage->device;
	const struct netcoal_stage *s = &stage->figures;

	if (nla_put_string(skb, NETCOAL_A_PATH_STAGE_IFNAME, stage->name))
		return -EMSGSIZE;
	if (nd && nla_put_u32(skb, NETCOAL_A_PATH_STAGE_STATE, nd->state))
		return -EMSGSIZE;
	if (nla_put_u32(skb, NETCOAL_A_PATH_STAGE_SHARE_NS, s->share_ns))
		return -EMSGSIZE;
	if (!s->usable)
		return 0;
	if (s->frames_max &&
	    nla_put_u32(skb, NETCOAL_A_PATH_STAGE_FRAMES_MAX, s->frames_max))
		return -EMSGSIZE;
	if (nla_put_u32(skb, NETCOAL_A_PATH_STAGE_HOLDOFF_NS, s->holdoff_ns) ||
	    nla_put_u64_64bit(skb, NETCOAL_A_PATH_STAGE_RX_PPS, s->pps,
			      NETCOAL_A_PATH_STAGE_PAD) ||
	    nla_put_u32(skb, NETCOAL_A_PATH_STAGE_IRQ_COST_NS, s->irq_cost_ns))
		return -EMSGSIZE;
	return 0;
}

static int netcoal_nl_put_stage(struct sk_buff *skb, const struct netcoal_path_stage *stage)
{
	u32 remote_ns = stage->figures.remote_ns;

	if (*stage->name)
		return netcoal_nl_put_stage_device(skb, stage);
	return nla_put_u32(skb, NETCOAL_A_PATH_STAGE_REMOTE_NS, remote_ns) ?:
	       nla_put_u32(skb, NETCOAL_A_PATH_STAGE_SHARE_NS, remote_ns);
}

static int netcoal_nl_put_path(struct sk_buff *skb, void *object)
{
	const struct netcoal_path *path = object;
	struct nlattr *nest;
	unsigned int i;

	if (nla_put_string(skb, NETCOAL_A_PATH_NAME, path->name) ||
	    nla_put_u32(skb, NETCOAL_A_PATH_LATENCY_NS, path->latency_ns) ||
	    nla_put_u32(skb, NETCOAL_A_PATH_UNMET_NS, path->unmet_ns))
		return -EMSGSIZE;
	for (i = 0; i < path->nr_stages; i++) {
		nest = nla_nest_start(skb, NETCOAL_A_PATH_STAGE);
		if (!nest || netcoal_nl_put_stage(skb, &path->stage[i]))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

int netcoal_nl_path_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct netcoal_path *path;
	int err = 0;

	rtnl_lock();
	path = netcoal_nl_path(info, &err);
	if (path) {
		netcoal_path_update(genl_info_net(info));
		err = netcoal_nl_reply(info, netcoal_nl_put_path, path);
	}
	rtnl_unlock();
	return err;
}

int netcoal_nl_path_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct net *net = sock_net(skb->sk);
	struct netcoal_path *path;

	rtnl_lock();
	if (!cb->args[0])
		netcoal_path_update(net);
	list_for_each_entry(path, &netcoal_net(net)->paths, list) {
		if (netcoal_nl_is_dumped(cb, path->number))
			continue;
		if (netcoal_nl_dump_one(skb, cb, NETCOAL_CMD_PATH_GET,
					netcoal_nl_put_path, path))
			break;
		cb->args[0] = path->number + 1;
	}
	rtnl_unlock();
	return skb->len;
}
