"""Deep Q-learning in a corridor: a replay memory, epsilon-greedy actions, a target network, the Huber loss."""

import math
import random
from collections import deque, namedtuple

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

random.seed(0)
torch.manual_seed(0)
Transition = namedtuple("Transition", ("state", "action", "next_state", "reward"))
LENGTH = 6


class ReplayMemory:
    def __init__(self, capacity):
        self.memory = deque([], maxlen=capacity)

    def push(self, *args):
        self.memory.append(Transition(*args))

    def sample(self, batch_size):
        return random.sample(self.memory, batch_size)

    def __len__(self):
        return len(self.memory)


class DQN(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = nn.Linear(LENGTH, 24)
        self.layer2 = nn.Linear(24, 2)

    def forward(self, x):
        return self.layer2(F.relu(self.layer1(x)))


def observe(position):
    return F.one_hot(torch.tensor([position]), LENGTH).float()


policy_net, target_net = DQN(), DQN()
target_net.load_state_dict(policy_net.state_dict())
optimizer = optim.AdamW(policy_net.parameters(), lr=5e-3, amsgrad=True)
memory = ReplayMemory(500)
GAMMA, TAU, BATCH = 0.9, 0.05, 32
steps_done = 0


def select_action(state):
    global steps_done
    eps = 0.05 + 0.85 * math.exp(-steps_done / 100)
    steps_done += 1
    if random.random() > eps:
        with torch.no_grad():
            return policy_net(state).max(1).indices.view(1, 1)
    return torch.tensor([[random.randrange(2)]], dtype=torch.long)


def optimize_model():
    if len(memory) < BATCH:
        return None
    batch = Transition(*zip(*memory.sample(BATCH)))
    non_final = torch.tensor([s is not None for s in batch.next_state], dtype=torch.bool)
    next_states = torch.cat([s for s in batch.next_state if s is not None])
    state, action, reward = torch.cat(batch.state), torch.cat(batch.action), torch.cat(batch.reward)
    values = policy_net(state).gather(1, action)
    next_values = torch.zeros(BATCH)
    with torch.no_grad():
        next_values[non_final] = target_net(next_states).max(1).values
    expected = next_values * GAMMA + reward
    loss = nn.SmoothL1Loss()(values, expected.unsqueeze(1))
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_value_(policy_net.parameters(), 100)
    optimizer.step()
    return loss.item()


losses, durations = [], []
for episode in range(25):
    position, state = 0, observe(0)
    for t in range(30):
        action = select_action(state)
        position = max(0, position + (1 if action.item() == 1 else -1))
        done = position == LENGTH - 1
        reward = torch.tensor([1.0 if done else -0.05])
        next_state = None if done else observe(position)
        memory.push(state, action, next_state, reward)
        state = next_state
        loss = optimize_model()
        if loss is not None:
            losses.append(loss)
        target_state, policy_state = target_net.state_dict(), policy_net.state_dict()
        for key in policy_state:
            target_state[key] = policy_state[key] * TAU + target_state[key] * (1 - TAU)
        target_net.load_state_dict(target_state)
        if done:
            break
    durations.append(t + 1)
    if episode % 6 == 0:
        print(f"episode {episode}: {t + 1} steps")
print("durations:", durations)
print(f"mean loss, last 20: {sum(losses[-20:]) / 20:.5f}")
with torch.no_grad():
    print("values:", policy_net(torch.eye(LENGTH)))
